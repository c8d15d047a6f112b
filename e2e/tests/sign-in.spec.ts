import { expect, test } from "../fixtures/test.ts";
import { administrator } from "../fixtures/server.ts";

test("leads to the page that was asked for", async ({ page, examine }) => {
  await page.goto("/scripts?sort=title");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Sign in");
  await examine("sign-in");
  await page.getByLabel("User name or email").fill(administrator.identity);
  await page.getByLabel("Password", { exact: true }).fill(administrator.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Scripts");
  await expect(page).toHaveURL(/\/scripts\?sort=title$/);
});

test("takes the email too, with the keyboard alone", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("User name or email").focus();
  await page.keyboard.type("admin@localhost");
  await page.keyboard.press("Tab");
  await page.keyboard.type(administrator.password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Computers");
});

test("says that the password is wrong and keeps the name", async ({ page, noErrors }) => {
  noErrors.expected.push(/401/);
  await page.goto("/sign-in");
  await page.getByLabel("User name or email").fill(administrator.identity);
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("is wrong");
  await expect(page.getByLabel("User name or email")).toHaveValue(administrator.identity);
});

test("signing out ends the session", async ({ console: page }) => {
  await page.goto("/computers");
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Sign in");
  await page.goto("/computers");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Sign in");
});
