import { readFile } from "node:fs/promises";
import { unique } from "../fixtures/forms.ts";
import { scriptUser } from "../fixtures/server.ts";
import { expect, test } from "../fixtures/test.ts";

test("a script is written and changed", async ({ console: page, examine }) => {
  const title = unique("Report the kernel");
  await page.goto("/scripts");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Scripts");
  await examine("scripts-empty");
  await page.getByRole("link", { name: "Create script" }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Create script");
  await page.getByRole("textbox", { name: "Title" }).fill(title);
  await page.getByRole("textbox", { name: "Code" }).fill("#!/bin/sh\nuname -r\n");
  await page.getByRole("textbox", { name: "Run as user" }).fill(scriptUser);
  await examine("script-form");
  await page.getByRole("button", { name: "Create script" }).click();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
  await expect(page.getByText("uname -r")).toBeVisible();
  await examine("script");

  await page.getByRole("link", { name: "Edit script" }).click();
  await page.getByRole("textbox", { name: "Code" }).fill("#!/bin/sh\nuname -v\n");
  await page.getByRole("button", { name: "Save script" }).click();
  await expect(page.getByText("uname -v")).toBeVisible();
  await page.getByRole("link", { name: /Versions/ }).click();
  await expect(page.getByText(/version 2/i).first()).toBeVisible();
  await page.getByLabel("Compare with").selectOption({ label: "version 1" });
  await expect(page).toHaveURL(/with=1/);
  const comparison = page.getByRole("region", { name: "Comparison" });
  await expect(comparison).toContainText("From version 1 to 2: 1 line removed, 1 line added.");
  await expect(comparison.getByRole("row").filter({ hasText: "removed" })).toContainText("uname -r");
  await expect(comparison.getByRole("row").filter({ hasText: "added" })).toContainText("uname -v");
  await examine("script-comparison");
});

test("a file is attached, fetched and removed", async ({ console: page, api, examine }) => {
  const script = await api.script(unique("With a file"), "#!/bin/sh\nls\n");
  await page.goto(`/scripts/${script.id}`);
  await page.getByRole("link", { name: "Attachments (0)" }).click();
  await expect(page.getByText("No attachments")).toBeVisible();
  await page.getByLabel("Add attachment").setInputFiles({ name: "harbour.conf", mimeType: "text/plain", buffer: Buffer.from("depth = 12\n") });
  await expect(page.getByRole("link", { name: "Attachments (1)" })).toBeVisible();
  await expect(page.getByText("harbour.conf")).toBeVisible();
  await examine("script-attachments");
  const arriving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download harbour.conf" }).click();
  const file = await arriving;
  expect(file.suggestedFilename()).toBe("harbour.conf");
  expect(await readFile(await file.path(), "utf8")).toBe("depth = 12\n");
  await page.getByRole("button", { name: "Remove harbour.conf" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove attachment" }).click();
  await expect(page.getByText("No attachments")).toBeVisible();
});

test("a script is copied under another title", async ({ console: page, api }) => {
  const script = await api.script(unique("To copy"), "#!/bin/sh\necho copied\n");
  const title = unique("The copy");
  await page.goto(`/scripts/${script.id}`);
  await page.getByRole("button", { name: "Copy script" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Title of the copy").fill(title);
  await dialog.getByRole("button", { name: "Copy script" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
  await expect(page.getByText("echo copied")).toBeVisible();
});

test("faults stand at their fields", async ({ console: page }) => {
  await page.goto("/scripts/create");
  await page.getByRole("textbox", { name: "Title" }).fill(unique("Without an interpreter"));
  const code = page.getByRole("textbox", { name: "Code" });
  await code.fill("echo no first line\n");
  await page.getByRole("button", { name: "Create script" }).click();
  await expect(code).toHaveAttribute("aria-invalid", "true");
  await expect(code).toHaveAccessibleDescription(/#!/);
  await expect(code).toBeFocused();
});
