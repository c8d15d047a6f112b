import { unique } from "../fixtures/forms.ts";
import { administrator } from "../fixtures/server.ts";
import { expect, test } from "../fixtures/test.ts";

test("the browser's Back button asks before changes are left", async ({ console: page, examine }) => {
  await page.goto("/scripts");
  await page.getByRole("link", { name: "Create script" }).first().click();
  const title = page.getByRole("textbox", { name: "Title" });
  await title.fill("Half written");
  await page.goBack();
  const question = page.getByRole("dialog");
  await expect(question).toContainText("Leave without saving?");
  await expect(page).toHaveURL(/\/scripts\/create$/);
  await examine("form-leave");
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(title).toHaveValue("Half written");

  await page.goBack();
  await question.getByRole("button", { name: "Leave, keep draft" }).click();
  await expect(page).toHaveURL(/\/scripts$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Scripts");
  await page.goForward();
  await expect(page.getByRole("textbox", { name: "Title" })).toHaveValue("Half written");
  await page.getByRole("button", { name: "Discard draft" }).click();
});

test("a draft survives a session that has ended", async ({ console: page, context, noErrors }) => {
  noErrors.expected.push(/401|403/);
  const title = unique("Written before the night");
  await page.goto("/scripts/create");
  await page.getByRole("textbox", { name: "Title" }).fill(title);
  await page.getByRole("textbox", { name: "Code" }).fill("#!/bin/sh\necho awake\n");
  await expect(page.getByRole("status").filter({ hasText: "Draft saved" })).toBeVisible();
  await context.clearCookies();
  await page.getByRole("button", { name: "Create script" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Sign in");
  await page.getByLabel("User name or email").fill(administrator.identity);
  await page.getByLabel("Password", { exact: true }).fill(administrator.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("textbox", { name: "Title" })).toHaveValue(title);
  await page.getByRole("button", { name: "Create script" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
});

test("every form shows its request as curl and as Python", async ({ console: page, api }) => {
  await api.enrolled();
  const [computer] = await api.computers();
  const forms = ["/scripts/create", "/script-profiles/create", `/computers/${computer?.id}/edit`, "/access-groups/create", "/roles/create", "/invitations/create", "/settings"];
  for (const path of forms) {
    await page.goto(path);
    const side = page.getByRole("complementary", { name: "What will happen" });
    await expect(side, path).toContainText("curl -X ");
    await side.getByRole("button", { name: "Python" }).click();
    await expect(side, path).toContainText("import");
    await expect(side, path).toContainText("requests.");
  }
});

test("a computer is edited, and a fault is at its field", async ({ console: page, api }) => {
  await api.enrolled();
  const [computer] = await api.computers();
  await page.goto(`/computers/${computer?.id}/edit`);
  const title = page.getByRole("textbox", { name: "Title" });
  await title.fill("");
  await page.getByRole("button", { name: "Save computer" }).click();
  await expect(title).toBeFocused();
  await expect(title).toHaveAttribute("aria-invalid", "true");
  await title.fill(computer?.title ?? "");
  await page.getByRole("textbox", { name: "Comment" }).fill("in the machine room");
  await page.getByRole("button", { name: "Save computer" }).click();
  await expect(page.getByText("in the machine room")).toBeVisible();
});
