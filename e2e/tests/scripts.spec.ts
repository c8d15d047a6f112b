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
