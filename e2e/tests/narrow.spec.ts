import type { Locator, Page } from "@playwright/test";
import { unique } from "../fixtures/forms.ts";
import { expect, test } from "../fixtures/test.ts";

/** The smallest window the console is made for, and what a window of 1440 × 900 is at 200 %. */
const windows = [
  { width: 320, height: 640 },
  { width: 390, height: 844 },
  { width: 720, height: 450 },
];

const code = "#!/bin/sh\necho one line that is a good deal longer than a narrow window is wide, so that it has to go on somewhere\n";

/** Nothing but a table or a code may scroll sideways, in a box of its own; and what scrolls is the page in its frame. */
async function fits(page: Page, what: string): Promise<void> {
  const over = () =>
    page.evaluate(() => {
      const window = document.documentElement;
      const main = document.querySelector("main");
      return {
        window: window.scrollWidth - window.clientWidth,
        page: main ? main.scrollWidth - main.clientWidth : "there is none",
        down: window.scrollHeight - window.clientHeight,
      };
    });
  // What comes a moment later than the rest may move it.
  await expect.poll(over, what).toEqual({ window: 0, page: 0, down: 0 });
}

/** It can be scrolled to, is then in the window but for a hair, and a click there meets it. */
async function inReach(page: Page, control: Locator, what: string): Promise<void> {
  await control.scrollIntoViewIfNeeded();
  await expect(control, what).toBeInViewport({ ratio: 0.95 });
  // Tried only: fails if something else lies over it.
  await control.click({ trial: true });
  await fits(page, what);
}

for (const size of windows) {
  test.describe(`${size.width} × ${size.height}`, () => {
    test.use({ viewport: size });

    test("no page scrolls sideways, and what one came to do is in reach", async ({ console: page, api }) => {
      test.setTimeout(120_000);
      const computer = await api.thisComputer();
      const script = await api.script(unique("Rotate the certificates of every host at the northern quay"), code);
      const profile = await api.profile(unique("Nightly rotation at the northern quay"), script, { trigger_type: "one_time", timestamp: "2020-01-01T00:00:00Z" });
      await expect.poll(async () => (await api.activities(profile)).length).toBeGreaterThan(0);
      const activity = (await api.activities(profile))[0];

      const button = (name: string) => page.getByRole("button", { name, exact: true });
      const link = (name: string) => page.getByRole("link", { name, exact: true }).first();
      const pages: [path: string, primary: Locator][] = [
        ["/computers", link("Enrol a computer")],
        [`/computers/${computer.id}`, link("Edit computer")],
        [`/computers/${computer.id}?tab=activities`, page.getByRole("columnheader", { name: "Status" })],
        [`/computers/${computer.id}?tab=processes`, page.getByRole("columnheader", { name: "Name" })],
        [`/computers/${computer.id}?tab=hardware`, link("Hardware")],
        [`/computers/${computer.id}/edit`, button("Save computer")],
        ["/scripts", link("Create script")],
        ["/scripts/create", button("Create script")],
        [`/scripts/${script.id}`, link("Edit script")],
        [`/scripts/${script.id}?tab=attachments`, page.getByText("Add attachment")],
        [`/scripts/${script.id}?tab=profiles`, page.getByRole("link", { name: /^Script profiles \(/ })],
        [`/scripts/${script.id}/edit`, button("Save script")],
        ["/script-profiles", link("Create profile")],
        ["/script-profiles/create", button("Create profile")],
        [`/script-profiles/${profile.id}`, link("Edit profile")],
        [`/script-profiles/${profile.id}?tab=runs`, link("Runs")],
        [`/script-profiles/${profile.id}/edit`, button("Save profile")],
        ["/activities", page.getByRole("columnheader", { name: "Status" })],
        [`/activities/${activity?.id}`, page.getByRole("heading", { level: 1 })],
        ["/access-groups", link("Create access group")],
        ["/access-groups/create", button("Create access group")],
        ["/roles", link("Create role")],
        ["/roles/create", button("Create role")],
        ["/administrators", link("Invite administrator")],
        ["/invitations/create", button("Invite administrator")],
        ["/events", page.getByRole("columnheader", { name: "Event" })],
        ["/settings", button("Save settings")],
        ["/account", page.getByRole("link", { name: "Password" })],
      ];
      for (const [path, primary] of pages) {
        await page.goto(path);
        await expect(primary, path).toBeVisible();
        await fits(page, path);
        await inReach(page, primary, path);
      }
    });

    test("the pages of tenants fit as well, their tables too", async ({ console: page, api }) => {
      test.setTimeout(240_000);
      const long = unique("harbour-master-of-the-northern-quay").replaceAll(" ", "-");
      await api.conduct("PUT", `sites/${long}`, { location: "53.5, 10" });
      await api.conduct("PUT", `secrets/${long}`, { value: "a value without any place to break it".replaceAll(" ", "") });
      await api.conduct("PUT", "users", { username: long, password: "a long password", role: "default" });
      await api.conduct("POST", "user-groups", { group_name: long, role: "default" });
      await api.conduct("PUT", "user-groups/users", { username: long, group_name: long });
      await api.conduct("PUT", "tenants/users", { username: long, tenant_name: "default_tenant", role: "viewer" });
      await api.conduct("PUT", "tenants/user-groups", { group_name: long, tenant_name: "default_tenant", role: "user" });
      await api.conduct("PUT", `filters/deployments/${long}`, { filter_rules: [{ type: "label", key: "env", operator: "any_of", values: [long, "prod"] }] });
      await api.conduct("PUT", "secrets-providers", { name: long, type: "vault", connection_parameters: { url: "http://127.0.0.1:1", token: "t", path: long } });

      const button = (name: string) => page.getByRole("button", { name, exact: true }).first();
      const link = (name: string) => page.getByRole("link", { name, exact: true }).first();
      const pages: [path: string, primary: Locator][] = [
        ["/sites", link("Create site")],
        ["/sites/create", button("Create site")],
        [`/sites/${long}`, link("Edit site")],
        [`/sites/${long}/edit`, button("Save site")],
        ["/deployment-filters", link("Create deployment filter")],
        ["/deployment-filters/create", button("Create deployment filter")],
        [`/deployment-filters/${long}`, link("Edit deployment filter")],
        [`/deployment-filters/${long}/edit`, button("Save deployment filter")],
        ["/blueprint-filters/create", button("Create blueprint filter")],
        ["/secrets", link("Create secret")],
        ["/secrets/create", button("Create secret")],
        [`/secrets/${long}`, button("Show value")],
        [`/secrets/${long}/edit`, button("Save secret")],
        ["/secrets-providers", link("Create secrets provider")],
        ["/secrets-providers/create", button("Create secrets provider")],
        [`/secrets-providers/${long}`, link("Edit secrets provider")],
        [`/secrets-providers/${long}/edit`, button("Save secrets provider")],
        ["/tenants", link("Create tenant")],
        ["/tenants/create", button("Create tenant")],
        ["/tenants/default_tenant", page.getByRole("combobox", { name: "Name of a user", exact: true })],
        ["/users", link("Create user")],
        ["/users/create", button("Create user")],
        ["/users/admin", link("Change password")],
        [`/users/${long}`, button("Remove default_tenant")],
        [`/users/${long}/password`, button("Change password")],
        ["/user-groups", link("Create user group")],
        ["/user-groups/create", button("Create user group")],
        [`/user-groups/${long}`, button(`Remove ${long}`)],
        ["/tokens", link("Create token")],
        ["/tokens/create", button("Create token")],
        ["/permissions", page.getByRole("checkbox", { name: "administrators for default" })],
        ["/ldap", button("Save directory")],
        ["/system", button("Look again")],
        ["/system?tab=configuration", button("Change rest.default_page_size")],
        ["/system?tab=maintenance", button("Switch maintenance mode on")],
        ["/system?tab=license", page.getByText("Upload license")],
        ["/audit", button("Pause")],
      ];
      for (const [path, primary] of pages) {
        await page.goto(path);
        await expect(primary, path).toBeVisible();
        await fits(page, path);
        await inReach(page, primary, path);
        // Nor does a table scroll within its box: what is in its last column is seen at once.
        const wider = () =>
          page.evaluate(() => [...document.querySelectorAll("main .members, main .matrix, main .reflow")].map((box) => box.scrollWidth - (box.parentElement?.clientWidth ?? 0)).filter((over) => over > 0));
        if (size.width >= 390) await expect.poll(wider, `tables of ${path}`).toEqual([]);
      }
      // What a dialog shows keeps to it.
      await page.goto("/audit");
      await page.getByRole("row").nth(1).getByRole("link").first().click();
      await inReach(page, page.getByRole("dialog").getByRole("button", { name: "Close" }), "audit entry");
      expect(await page.getByRole("dialog").evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);

      await api.conduct("DELETE", "tenants/user-groups", { group_name: long, tenant_name: "default_tenant" });
      await api.conduct("DELETE", "tenants/users", { username: long, tenant_name: "default_tenant" });
      await api.conduct("DELETE", "user-groups/users", { username: long, group_name: long });
      await api.conduct("DELETE", `user-groups/${long}`);
      await api.conduct("DELETE", `users/${long}`);
      for (const path of [`sites/${long}`, `secrets/${long}`, `filters/deployments/${long}`, `secrets-providers/${long}`]) await api.conduct("DELETE", path);
    });

    test("what opens over a page keeps to the window", async ({ console: page, api }) => {
      await api.enrolled();
      await page.goto("/computers");
      await page.getByRole("button", { name: "Open navigation" }).click();
      await inReach(page, page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }), "navigation");
      await page.goto("/computers");
      for (const [opener, inside] of [
        ["+ Filter", page.getByRole("button", { name: "Add filter" })],
        ["Views", page.getByRole("textbox", { name: "Name of the view" })],
        ["Export", page.getByRole("button", { name: "Export JSON" })],
        ["Columns", page.getByRole("button", { name: "Widen Title" })],
      ] as const) {
        await page.locator("summary").filter({ hasText: opener }).click();
        await expect(inside, opener).toBeVisible();
        await inside.scrollIntoViewIfNeeded();
        await expect(inside, opener).toBeInViewport({ ratio: 0.95 });
        await fits(page, opener);
        await page.keyboard.press("Escape");
        await expect(inside).toBeHidden();
      }
      await page.getByRole("row").nth(1).getByRole("checkbox").check();
      await page.getByRole("button", { name: "Restart", exact: true }).click();
      await inReach(page, page.getByRole("dialog").getByRole("button", { name: /^Restart/ }), "dialog");
      await page.keyboard.press("Escape");
      // The longest dialog: its button stays in sight, and so does its beginning.
      await page.keyboard.press("?");
      const keys = page.getByRole("dialog");
      await expect(keys.getByRole("heading", { name: "Keys" })).toBeInViewport({ ratio: 0.95 });
      await expect(keys.getByRole("button", { name: "Close" })).toBeInViewport({ ratio: 0.95 });
    });

    test("the description of the API is read without scrolling sideways", async ({ page }) => {
      await page.goto("/api/docs");
      await expect(page.getByText(/^\d+ operations$/)).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    });
  });
}
