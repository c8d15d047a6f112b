import { expect, test } from "../fixtures/test.ts";

test("the description of the API can be searched and read", async ({ page, examine, server }) => {
  await page.goto("/api/docs");
  await expect(page.getByRole("heading", { level: 2, name: "Script profiles" })).toBeVisible();
  await expect(page.getByRole("status")).toHaveText(/^\d+ operations$/);
  await examine("api-docs");

  await page.getByLabel("Search").fill("archive script-profiles");
  const operation = page.getByRole("group").filter({ hasText: "/api/v2/script-profiles/{id}:archive" });
  await expect(page.getByRole("status")).toHaveText("1 found");
  await operation.getByText("/api/v2/script-profiles/{id}:archive").click();
  await expect(operation.getByText("ManageScriptProfile", { exact: true })).toBeVisible();
  await expect(operation.getByRole("table", { name: "Answers" })).toContainText("404");
  await expect(operation.getByText(/^curl -X POST/)).toContainText(`${server.url}/api/v2/script-profiles/1:archive`);
  await examine("api-docs-operation");
});

test("an address leads to an operation", async ({ page }) => {
  await page.goto("/api/docs#post_script_profiles");
  await expect(page.getByRole("table", { name: "Fields" })).toContainText("all_computers");
});
