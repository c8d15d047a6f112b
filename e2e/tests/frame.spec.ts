import { expect, test } from "../fixtures/test.ts";

test("the navigation leads to each page, and back", async ({ console: page }) => {
  await page.goto("/");
  const navigation = page.getByRole("navigation", { name: "Main" });
  for (const name of ["Scripts", "Script profiles", "Activities", "Computers"]) {
    await navigation.getByRole("link", { name, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
    await expect(navigation.getByRole("link", { name, exact: true })).toHaveAttribute("aria-current", "page");
  }
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Activities");
});

test("keys lead to pages, and there is a list of them", async ({ console: page, examine }) => {
  await page.goto("/computers");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Computers");
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Scripts");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await examine("keys");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("an address that leads nowhere says so", async ({ console: page, examine }) => {
  await page.goto("/no/such/page");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await examine("not-found");
});
