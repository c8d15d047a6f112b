import { unique } from "../fixtures/forms.ts";
import { expect, test } from "../fixtures/test.ts";

test("an access group is made below another, and removed", async ({ console: page, examine, noErrors }) => {
  noErrors.expected.push(/400|409/);
  const title = unique("Harbour").replace(" ", "-");
  await page.goto("/access-groups");
  await expect(page.getByRole("row").filter({ hasText: "global" })).toBeVisible();
  await examine("access-groups");
  await page.keyboard.press("c");
  await page.getByRole("textbox", { name: "Title" }).fill(title);
  await examine("access-group-form");
  await page.getByRole("button", { name: "Create access group" }).click();
  const row = page.getByRole("row").filter({ hasText: title });
  await expect(row).toBeVisible();

  // The same title again: only the server knows, and the field says so.
  await page.goto("/access-groups/create");
  await page.getByRole("textbox", { name: "Title" }).fill(title);
  await page.getByRole("button", { name: "Create access group" }).click();
  await expect(page.getByRole("textbox", { name: "Title" })).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByRole("textbox", { name: "Title" })).toBeFocused();

  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Discard draft" }).click();
  await page.getByRole("button", { name: `Remove access group ${title}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove access group" }).click();
  await expect(row).toBeHidden();
});

test("a role is made, changed and removed", async ({ console: page, examine }) => {
  const name = unique("Pilot").replace(" ", "-");
  await page.goto("/roles");
  await expect(page.getByRole("link", { name: "GlobalAdmin" })).toBeVisible();
  await examine("roles");
  await page.getByRole("link", { name: "Create role" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("checkbox", { name: /View scripts/ }).check();
  await examine("role-form");
  await page.getByRole("button", { name: "Create role" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  await expect(page.getByText("ViewScript", { exact: true })).toBeVisible();
  await examine("role");
  await page.getByRole("link", { name: "Edit role" }).click();
  await page.getByRole("textbox", { name: "Description" }).fill("Brings ships in");
  await page.getByRole("button", { name: "Save role" }).click();
  await expect(page.getByText("Brings ships in")).toBeVisible();
  await page.getByRole("button", { name: "Remove role" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove role" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Roles");
  await expect(page.getByRole("link", { name })).toHaveCount(0);
});

test("somebody is invited, accepts, and is given another role", async ({ console: page, browser, server, examine }) => {
  const name = unique("Kim");
  const email = `${name.replace(" ", "").toLowerCase()}@example.com`;
  await page.goto("/administrators");
  await expect(page.getByRole("row").filter({ hasText: "GlobalAdmin" })).toBeVisible();
  await examine("administrators");
  await page.getByRole("link", { name: "Invite administrator" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByRole("checkbox", { name: /Auditor/ }).check();
  await examine("invitation-form");
  await page.getByRole("button", { name: "Invite administrator" }).click();
  const link = page.getByText(/\/accept-invitation\//);
  await expect(link).toBeVisible();
  await examine("invitations");
  const address = ((await link.textContent()) ?? "").trim();

  const stranger = await browser.newContext({ baseURL: server.url });
  const other = await stranger.newPage();
  await other.goto(address);
  await expect(other.getByText(email)).toBeVisible();
  await other.getByLabel("Choose a password").fill("a password for a new one");
  await other.getByRole("button", { name: "Accept invitation" }).click();
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Computers");
  await expect(other.getByRole("link", { name: "Settings" })).toHaveCount(0);
  await stranger.close();

  await page.goto("/administrators");
  await page.getByRole("link", { name }).click();
  await page.getByRole("checkbox", { name: /SupportAnalyst/ }).check();
  await examine("administrator-form");
  await page.getByRole("button", { name: "Save roles" }).click();
  await expect(page.getByRole("row").filter({ hasText: name })).toContainText("SupportAnalyst");
});

test("the events log says who did what", async ({ console: page, examine }) => {
  await page.goto("/events");
  await expect(page.getByRole("row").filter({ hasText: /Signed in/ }).first()).toBeVisible();
  await examine("events");
});

test("an access key is made, shown once, and revoked", async ({ console: page, examine }) => {
  const title = unique("Backup");
  await page.goto("/account?tab=access-keys");
  await page.getByRole("button", { name: "Create access key" }).click();
  await page.getByRole("dialog").getByLabel("What it is for").fill(title);
  await page.getByRole("dialog").getByRole("button", { name: "Create access key" }).click();
  await expect(page.getByText("LANDSCAPE_API_SECRET")).toBeVisible();
  await examine("access-keys");
  await page.reload();
  await expect(page.getByRole("row").filter({ hasText: title })).toBeVisible();
  await expect(page.getByText("LANDSCAPE_API_SECRET")).toHaveCount(0);
  await page.getByRole("button", { name: `Revoke access key ${title}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke access key" }).click();
  await expect(page.getByRole("row").filter({ hasText: title })).toHaveCount(0);
});

test("sessions are listed, and the password form says what is wrong", async ({ console: page, examine, noErrors }) => {
  noErrors.expected.push(/400|401|403/);
  await page.goto("/account");
  await expect(page.getByText("This one")).toBeVisible();
  await examine("sessions");
  await page.getByRole("link", { name: "Password" }).click();
  await page.getByLabel("Present password").fill("one");
  await page.getByLabel("New password", { exact: true }).fill("another one");
  await page.getByLabel("New password again").fill("yet another");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByLabel("New password again")).toBeFocused();
  await expect(page.getByText("The two differ.")).toBeVisible();
  await examine("password");
});

test("the settings hold the registration key, and an unfit one is refused at its field", async ({ console: page, examine, noErrors }) => {
  noErrors.expected.push(/400/);
  await page.goto("/settings");
  const key = page.getByRole("textbox", { name: "Registration key" });
  await expect(key).toBeVisible();
  await examine("settings");
  await key.fill("no");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(key).toHaveAttribute("aria-invalid", "true");
  await expect(key).toBeFocused();
  await key.fill("a key for these tests");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  await page.goto("/computers?enrol=yes");
  await expect(page.getByRole("dialog").getByText("a key for these tests").first()).toBeVisible();
  await examine("enrol");
});
