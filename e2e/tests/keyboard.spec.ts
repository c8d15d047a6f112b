import type { Locator, Page } from "@playwright/test";
import { unique } from "../fixtures/forms.ts";
import { scriptUser } from "../fixtures/server.ts";
import { expect, test } from "../fixtures/test.ts";

/** Goes on with Tab, as somebody without a mouse does, until the wanted control has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(wanted).toBeFocused();
}

test("a script is written, and a profile for it, without a mouse", async ({ console: page, api }) => {
  await api.enrolled();
  const script = unique("By keyboard");
  await page.goto("/computers");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Computers");
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Scripts");
  await page.keyboard.press("c");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Create script");
  await tabTo(page, page.getByRole("textbox", { name: "Title" }));
  await page.keyboard.type(script);
  await tabTo(page, page.getByRole("textbox", { name: "Code" }));
  await page.keyboard.press("Control+End");
  await page.keyboard.type("echo typed");
  // Tab indents in the editor; after Esc it leaves it.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await tabTo(page, page.getByRole("textbox", { name: "Run as user" }));
  await page.keyboard.type(scriptUser);
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(script);

  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Script profiles");
  await page.keyboard.press("c");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Create script profile");
  const profile = unique("Profile by keyboard");
  await tabTo(page, page.getByRole("textbox", { name: "Title" }));
  await page.keyboard.type(profile);
  await tabTo(page, page.getByRole("combobox", { name: "Script" }));
  await page.keyboard.type(script);
  await expect(page.getByRole("option", { name: script })).toBeVisible();
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("textbox", { name: "Run as user" }));
  await page.keyboard.press("Control+A");
  await page.keyboard.type(scriptUser);
  await tabTo(page, page.getByRole("checkbox", { name: "All computers" }));
  await page.keyboard.press("Space");
  await tabTo(page, page.getByRole("radio", { checked: true }));
  const recurring = page.getByRole("radio", { name: /Recurring/ });
  for (let presses = 0; presses < 3 && !(await recurring.isChecked()); presses += 1) await page.keyboard.press("ArrowDown");
  await expect(recurring).toBeChecked();
  await tabTo(page, page.getByRole("textbox", { name: "Cron" }));
  await page.keyboard.press("Control+A");
  await page.keyboard.type("0 6 * * 1");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(profile);
});

test("a run is found, followed and cancelled without a mouse", async ({ console: page, api, gate }) => {
  await api.enrolled();
  const script = await api.script(unique("Endless by keyboard"), `#!/bin/sh\necho it runs\n${gate.wait}\n`);
  const profile = await api.profile(unique("Endless by keyboard"), script, { trigger_type: "one_time", timestamp: "2020-01-01T00:00:00Z" });
  await expect.poll(async () => (await api.activities(profile)).length).toBe(1);
  await page.goto("/computers");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Computers");
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Activities");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.getByRole("row").nth(1).getByRole("link").first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("log")).toContainText("it runs");
  await tabTo(page, page.getByRole("button", { name: /^Cancel/ }));
  await page.keyboard.press("Enter");
  const yes = page.getByRole("dialog").getByRole("button", { name: /Cancel activity/ });
  await expect(yes).toBeVisible();
  await tabTo(page, yes);
  await page.keyboard.press("Enter");
  await expect(page.getByText("Canceled").first()).toBeVisible();
});

test("the commands offer pages, this page's buttons, and what the time zone is", async ({ console: page }) => {
  await page.goto("/scripts");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Scripts");
  await page.keyboard.press("/");
  const palette = page.getByRole("dialog", { name: "Search or run a command" });
  await expect(palette.getByRole("option", { name: /Settings/ })).toBeVisible();
  await page.keyboard.type("Create script");
  await expect(palette.getByRole("option", { name: "Create script" }).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Create script");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("time zone");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Kathmandu");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /Time zone Asia\/Kathmandu/ })).toBeVisible();
});
