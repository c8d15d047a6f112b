import type { Page } from "@playwright/test";
import { unique } from "../fixtures/forms.ts";
import { expect, test } from "../fixtures/test.ts";

/** A name as this family takes it. */
function name(word: string): string {
  return unique(word).replaceAll(" ", "-").toLowerCase();
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const confirm = (page: Page, verb: string) => page.getByRole("dialog").getByRole("button", { name: verb }).click();

// Most of these look at their pages in four windows, in both themes.
test.describe.configure({ timeout: 180_000 });

test("a site is made, found on the map, changed and removed", async ({ console: page, examine }) => {
  const site = name("quay");
  await page.goto("/sites/create");
  await page.getByRole("textbox", { name: "Name" }).fill(site);
  const location = page.getByRole("textbox", { name: "Location" });
  await location.fill("91, 0");
  await location.blur();
  await expect(location).toHaveAttribute("aria-invalid", "true");
  await location.fill("52.52, 13.405");
  await expect(page.getByRole("img", { name: /Map of the world/ })).toBeVisible();
  await expect(page.getByText("Tenant: default_tenant")).toBeVisible();
  await examine("site-form");
  await page.getByRole("button", { name: "Create site" }).click();
  await expect(heading(page)).toHaveText(site);
  await examine("site");

  await page.goto("/sites");
  await page.getByRole("link", { name: site }).first().focus();
  await expect(page.getByRole("row").filter({ hasText: site })).toBeVisible();
  await examine("sites");
  // The dot is a link as well, and says its name to whoever comes upon it.
  const dot = page.getByRole("group", { name: "Sites on the map" }).getByRole("link", { name: site });
  await dot.focus();
  await expect(dot.getByText(site)).toHaveCSS("opacity", "1");
  await examine("sites-map");
  await dot.press("Enter");
  await expect(heading(page)).toHaveText(site);

  await page.getByRole("link", { name: "Edit site" }).click();
  await page.getByRole("textbox", { name: "Location" }).fill("-33.9, 18.4");
  await page.getByRole("button", { name: "Save site" }).click();
  await expect(page.getByText("-33.9")).toBeVisible();
  await page.getByRole("button", { name: "Remove site" }).click();
  await confirm(page, "Remove site");
  await expect(heading(page)).toHaveText("Sites");
  await expect(page.getByRole("link", { name: site })).toHaveCount(0);
});

test("many sites on the map are one stop of the Tab key, and arrows lead on", async ({ console: page, api }) => {
  const places = { lisbon: "38.7, -9.1", porto: "41.1, -8.6", faro: "37, -7.9" };
  for (const [site, location] of Object.entries(places)) await api.conduct("PUT", `sites/${site}`, { location });
  await page.goto("/sites");
  const dots = page.getByRole("group", { name: "Sites on the map" }).getByRole("link");
  await expect(dots).toHaveText(["lisbon", "porto", "faro"]);
  await page.getByRole("link", { name: "Create site" }).focus();
  await page.keyboard.press("Tab");
  await expect(dots.nth(0)).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(dots.nth(1)).toBeFocused();
  await page.keyboard.press("End");
  await expect(dots.nth(2)).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("searchbox", { name: "Filter by name" })).toBeFocused();
  for (const site of Object.keys(places)) await api.conduct("DELETE", `sites/${site}`);
});

test("a name that is taken is said at its field", async ({ console: page, api, noErrors }) => {
  noErrors.expected.push(/409/);
  const site = name("mole");
  await api.conduct("PUT", `sites/${site}`, {});
  for (const [path, label, taken] of [
    ["/sites/create", "Name", site],
    ["/tenants/create", "Name", "default_tenant"],
    ["/users/create", "User name", "admin"],
  ] as const) {
    await page.goto(path);
    const field = page.getByRole("textbox", { name: label });
    await field.fill(taken);
    if (path.startsWith("/users")) await page.getByRole("textbox", { name: "Password" }).fill("a long password");
    await page.getByRole("button", { name: /^Create/ }).click();
    await expect(field, path).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByText("Is taken; choose another"), path).toBeVisible();
    await expect(field, path).toBeFocused();
  }
  await api.conduct("DELETE", `sites/${site}`);
});

test("what somebody may not do is not offered", async ({ page, api, examine, noErrors }) => {
  // Whether the tenant's members may be seen is known before they are asked for; the first page is of another family.
  noErrors.expected.push(/403/);
  const [user, site, secret] = [name("vera"), name("jetty"), name("tide")];
  await api.conduct("PUT", "users", { username: user, password: "a long password", role: "default" });
  await api.conduct("PUT", "tenants/users", { username: user, tenant_name: "default_tenant", role: "viewer" });
  await api.conduct("PUT", `sites/${site}`, { location: "1, 2" });
  await api.conduct("PUT", `secrets/${secret}`, { value: "hunter2" });
  const answer = await page.request.post("/api/v2/login", { data: { identity: user, password: "a long password" } });
  expect(answer.status()).toBe(200);
  const nothing = async (path: string) => {
    await page.goto(path);
    await expect(heading(page), path).toBeVisible();
    const offers = page.getByRole("main").locator("a, button").filter({ hasText: /^(Create|Edit|Remove|Add|Export|Import|Change|Upload|Switch) \w/, visible: true });
    await expect(offers, path).toHaveCount(0);
    await expect(page.getByRole("main").getByRole("checkbox"), path).toHaveCount(0);
  };
  await nothing("/sites");
  await expect(page.getByRole("row").filter({ hasText: site })).toBeVisible();
  await examine("sites-viewer");
  await nothing(`/sites/${site}`);
  await nothing("/secrets");
  await nothing(`/secrets/${secret}`);
  await nothing("/deployment-filters");
  await nothing("/tenants/default_tenant");
  await expect(page.getByText("Who is in it is shown to those who manage it.")).toBeVisible();
  await nothing("/system?tab=configuration");
  await expect(page.getByText("rest.default_page_size")).toBeVisible();
  await nothing("/system?tab=license");
  for (const path of ["/sites/create", `/sites/${site}/edit`, "/secrets/create", "/tenants/create", "/users/create", "/ldap", "/permissions"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "This is not for you" }), path).toBeVisible();
    await expect(page.getByRole("main").getByRole("button"), path).toHaveCount(0);
  }
  const navigation = page.getByRole("navigation", { name: "Main" });
  await expect(navigation.getByRole("link", { name: "Sites" })).toBeVisible();
  await expect(navigation.getByRole("link", { name: /Users|Permissions|Directory|Audit log/ })).toHaveCount(0);
  await page.goto("/system");
  await expect(page.getByRole("rowheader", { name: "Database" })).toBeVisible();
  await api.conduct("DELETE", `sites/${site}`);
  await api.conduct("DELETE", `secrets/${secret}`);
  await api.conduct("DELETE", "tenants/users", { username: user, tenant_name: "default_tenant" });
  await api.conduct("DELETE", `users/${user}`);
});

test("lists of this family are searched, sorted and filtered by the server", async ({ console: page, api }) => {
  const sites = [name("harbour"), name("harbour"), name("lighthouse")];
  for (const site of sites) await api.conduct("PUT", `sites/${site}`, { visibility: site.startsWith("light") ? "private" : "tenant" });
  await page.goto("/sites?search=harbour");
  await expect(page.getByText("2 matches").or(page.getByText("2 match"))).toBeVisible();
  await page.getByRole("button", { name: "Name" }).click();
  await expect(page).toHaveURL(/sort=name/);
  await page.goto("/sites?visibility=private");
  await expect(page.getByRole("row").filter({ hasText: sites[2] })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: sites[0] })).toHaveCount(0);
  // Chosen by name, removed one by one.
  await page.goto("/sites?search=harbour");
  await page.getByRole("checkbox", { name: "Select all loaded rows" }).check();
  await page.getByRole("button", { name: "Remove" }).click();
  await confirm(page, "Remove 2 sites");
  await expect(page.getByText("2 sites removed")).toBeVisible();
  await api.conduct("DELETE", `sites/${sites[2]}`);
});

test("a tenant is made and switched to, and what is shown follows without another page", async ({ console: page, api, examine }) => {
  const [tenant, site] = [name("north"), name("pier")];
  await api.conduct("PUT", `sites/${site}`, {});
  await page.goto("/tenants/create");
  await page.getByRole("textbox", { name: "Name" }).fill(tenant);
  await page.getByRole("button", { name: "Create tenant" }).click();
  await expect(heading(page)).toHaveText(tenant);
  await examine("tenant");

  await page.goto("/sites");
  await expect(page.getByRole("link", { name: site }).first()).toBeVisible();
  await page.getByRole("button", { name: "Tenant default_tenant, switch" }).click();
  await page.getByRole("combobox", { name: "Tenant" }).fill(tenant);
  await examine("tenant-switcher");
  await page.getByRole("option", { name: tenant }).click();
  await expect(page.getByRole("button", { name: `Tenant ${tenant}, switch` })).toBeVisible();
  await expect(page).toHaveURL(/\/sites$/);
  await expect(page.getByRole("heading", { name: "No sites yet" })).toBeVisible();
  // This browser remembers it.
  await page.reload();
  await expect(page.getByRole("button", { name: `Tenant ${tenant}, switch` })).toBeVisible();
  // With the keyboard, by a command.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("switch the tenant");
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: "Tenant" }).fill("default_tenant");
  await expect(page.getByRole("option", { name: /default_tenant/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: site }).first()).toBeVisible();

  await page.goto(`/tenants/${tenant}`);
  await page.getByRole("button", { name: "Remove tenant" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill(tenant);
  await confirm(page, "Remove tenant");
  await expect(heading(page)).toHaveText("Tenants");
  await api.conduct("DELETE", `sites/${site}`);
});

test("a user is made, joins a group and a tenant, and leaves", async ({ console: page, examine }) => {
  const [user, group] = [name("ada"), name("crew")];
  await page.goto("/user-groups/create");
  await page.getByRole("textbox", { name: "Name" }).fill(group);
  await page.getByRole("button", { name: "Create user group" }).click();
  await expect(heading(page)).toHaveText(group);

  await page.goto("/users");
  await expect(page.getByRole("link", { name: "admin" }).first()).toBeVisible();
  await examine("users");
  await page.getByRole("link", { name: "Create user" }).click();
  await page.getByRole("textbox", { name: "User name" }).fill(user);
  await page.getByRole("textbox", { name: "Password" }).fill("a long password");
  await expect(page.getByText("a long password")).toHaveCount(0);
  await examine("user-form");
  await page.getByRole("button", { name: "Create user" }).click();
  await expect(heading(page)).toHaveText(user);

  await page.getByRole("button", { name: "Add tenant" }).click();
  await expect(page.getByText("Enter the name of a tenant.")).toBeVisible();
  await page.getByRole("combobox", { name: "Name of a tenant" }).fill("default_tenant");
  await page.getByRole("combobox", { name: "Role of the tenant" }).selectOption("viewer");
  await page.getByRole("button", { name: "Add tenant" }).click();
  await expect(page.getByRole("combobox", { name: "Role of default_tenant" })).toHaveValue("viewer");
  await page.getByRole("combobox", { name: "Role of default_tenant" }).selectOption("manager");
  await expect(page.getByText("Role changed")).toBeVisible();
  await examine("user");
  await page.getByRole("button", { name: "Remove default_tenant" }).click();
  await confirm(page, "Remove tenant");
  await expect(page.getByText("There are no tenants.")).toBeVisible();

  await page.goto(`/user-groups/${group}`);
  await page.getByRole("combobox", { name: "Name of a user" }).fill(user);
  await page.getByRole("button", { name: "Add user" }).click();
  await expect(page.getByRole("link", { name: user })).toBeVisible();
  await examine("user-group");
  await page.getByRole("button", { name: `Remove ${user}` }).click();
  await confirm(page, "Remove user");
  await expect(page.getByText("There are no users.")).toBeVisible();
  await page.getByRole("button", { name: "Remove user group" }).click();
  await confirm(page, "Remove user group");
  await expect(heading(page)).toHaveText("User groups");

  await page.goto(`/users/${user}`);
  await page.getByRole("button", { name: "Deactivate user" }).click();
  await confirm(page, "Deactivate user");
  await expect(page.getByText("Deactivated", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Remove user" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill(user);
  await confirm(page, "Remove user");
  await expect(heading(page)).toHaveText("Users");
});

test("nobody is offered to remove or deactivate themselves", async ({ console: page }) => {
  await page.goto("/users/admin");
  await expect(page.getByRole("button", { name: "Change role" })).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Name of a tenant" })).toBeVisible();
  // By then it is known who asks.
  await page.waitForLoadState("networkidle");
  await expect(page.getByRole("button", { name: /Remove user|Deactivate user/ })).toHaveCount(0);
});

test("a token is shown once and revoked", async ({ console: page, examine }) => {
  await page.goto("/tokens/create");
  await page.getByRole("textbox", { name: "What it is for" }).fill("the tests");
  await examine("token-form");
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByText(/^ctok-/).first()).toBeVisible();
  await examine("tokens");
  await page.getByRole("button", { name: /^Copy/ }).first().click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^ctok-/);
  const id = ((await page.getByText(/^ctok-/).first().textContent()) ?? "").split("-")[1] ?? "";
  await page.reload();
  const row = page.getByRole("row").filter({ hasText: id });
  await expect(row).toBeVisible();
  await expect(page.getByText(/^ctok-/)).toHaveCount(0);
  await row.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Revoke" }).click();
  await confirm(page, "Revoke 1 token");
  await expect(row).toHaveCount(0);
});

test("a permission is taken from a role and given back", async ({ console: page, examine }) => {
  await page.goto("/permissions");
  await expect(page.getByText("248 permissions")).toBeVisible();
  await page.getByRole("searchbox", { name: "Filter by permission" }).fill("site_list");
  await expect(page.getByText("1 permission", { exact: true })).toBeVisible();
  await examine("permissions");
  const cell = page.getByRole("checkbox", { name: "site_list for viewer" });
  await expect(cell).toBeChecked();
  await cell.uncheck();
  await expect(page.getByText("viewer no longer holds")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(cell).toBeChecked();
  await expect(page.getByText("viewer now holds")).toBeVisible();
  // Arrows go over the cells that are shown.
  await page.getByRole("searchbox", { name: "Filter by permission" }).fill("site_");
  await page.getByRole("checkbox", { name: "site_list for sys_admin" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("checkbox", { name: "site_list for manager" })).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("checkbox", { name: "site_get for manager" })).toBeFocused();
});

test("a filter is built rule by rule and said in words", async ({ console: page, examine }) => {
  const filter = name("web");
  await page.goto("/deployment-filters/create");
  await page.getByRole("textbox", { name: "ID" }).fill(filter);
  await page.getByRole("textbox", { name: "Key of rule 1" }).fill("env");
  await page.getByRole("textbox", { name: "Key of rule 1" }).blur();
  await expect(page.getByText("any_of compares with a value at least.")).toBeVisible();
  await page.getByRole("textbox", { name: "Add a value to rule 1" }).fill("prod");
  await page.keyboard.press("Enter");
  await page.keyboard.type("test");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Deployments whose label env is prod or test.")).toBeVisible();
  await page.getByRole("button", { name: "Add rule" }).click();
  await page.getByRole("combobox", { name: "Type of rule 2" }).selectOption("attribute");
  await page.getByRole("combobox", { name: "Attribute of rule 2" }).selectOption("site_name");
  await page.getByRole("combobox", { name: "Operator of rule 2" }).selectOption("is_not_empty");
  await expect(page.getByText("Deployments whose label env is prod or test, and whose site is not empty.")).toBeVisible();
  await examine("filter-form");
  await page.getByRole("button", { name: "Create deployment filter" }).click();
  await expect(heading(page)).toHaveText(filter);
  await examine("filter");
  await page.getByRole("link", { name: "Edit deployment filter" }).click();
  await page.getByRole("button", { name: "Remove value test" }).click();
  // The API takes no type of rules away; that is said at the form and not found out afterwards.
  await page.getByRole("button", { name: "Remove rule 2" }).click();
  await expect(page.getByText("It has rules about attributes, of which one must stay", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "Add rule" }).click();
  await page.getByRole("combobox", { name: "Type of rule 2" }).selectOption("attribute");
  await page.getByRole("combobox", { name: "Attribute of rule 2" }).selectOption("site_name");
  await page.getByRole("combobox", { name: "Operator of rule 2" }).selectOption("is_not_empty");
  await expect(page.getByText("It has rules about attributes", { exact: false })).toHaveCount(0);
  await page.getByRole("button", { name: "Save deployment filter" }).click();
  await expect(page.getByText("Deployments whose label env is prod, and whose site is not empty.")).toBeVisible();
  await page.getByRole("button", { name: "Remove deployment filter" }).click();
  await confirm(page, "Remove deployment filter");
  await expect(heading(page)).toHaveText("Deployment filters");
  // Those that are built in are only looked at.
  await page.goto("/deployment-filters/csys-environment-filter");
  await expect(page.getByText("Built in", { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Edit deployment filter" })).toHaveCount(0);
});

test("a secret is made, shown on demand, noted in the audit log, and removed", async ({ console: page, examine }) => {
  // Many pages are examined here.
  test.setTimeout(180_000);
  const secret = name("database");
  await page.goto("/secrets/create");
  await page.getByRole("textbox", { name: "Key" }).fill(secret);
  await page.getByRole("textbox", { name: /^Value/ }).fill("hunter2 and more");
  await examine("secret-form");
  await page.getByRole("button", { name: "Create secret" }).click();
  await expect(heading(page)).toHaveText(secret);
  await expect(page.getByText("hunter2 and more")).toHaveCount(0);
  await page.getByRole("button", { name: "Show value" }).click();
  await expect(page.getByText("hunter2 and more")).toBeVisible();
  await examine("secret");
  await page.getByRole("button", { name: "Hide value" }).click();
  await expect(page.getByText("hunter2 and more")).toHaveCount(0);

  await page.goto("/secrets");
  await expect(page.getByRole("link", { name: secret })).toBeVisible();
  await page.getByRole("button", { name: "Export secrets" }).click();
  const sure = page.getByRole("dialog").getByRole("button", { name: "Export secrets" });
  await page.getByRole("textbox", { name: "Passphrase" }).fill("short");
  await sure.click();
  await expect(page.getByText("The passphrase must have at least 8 characters.")).toBeVisible();
  await examine("secrets-export");
  await page.getByRole("textbox", { name: "Passphrase" }).fill("long enough");
  const download = page.waitForEvent("download");
  await sure.click();
  const path = await (await download).path();
  await page.getByRole("button", { name: "Import secrets" }).click();
  await page.getByLabel("File").setInputFiles(path);
  await page.getByRole("textbox", { name: "Passphrase" }).fill("long enough");
  await examine("secrets-import");
  await page.getByRole("dialog").getByRole("button", { name: "Import secrets" }).click();
  await expect(page.getByText("There already in default_tenant", { exact: false })).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();

  await page.goto("/audit");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const row = page.getByRole("row").filter({ hasText: "secrets" }).first();
  await expect(row).toBeVisible();
  await examine("audit");
  await row.getByRole("link").first().click();
  await expect(page.getByRole("dialog").getByRole("heading", { name: "Before" })).toBeVisible();
  await expect(page.getByRole("dialog").getByText("hunter2")).toHaveCount(0);
  await examine("audit-entry");
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/audit$/);

  await page.goto(`/secrets/${secret}`);
  await page.getByRole("button", { name: "Remove secret" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill(secret);
  await confirm(page, "Remove secret");
  await expect(heading(page)).toHaveText("Secrets");
});

test("the system, its settings, providers and the directory are shown", async ({ console: page, examine }) => {
  // Many pages are examined here.
  test.setTimeout(180_000);
  await page.goto("/system");
  await expect(page.getByRole("rowheader", { name: "Database" })).toBeVisible();
  await examine("system");
  await page.goto("/system?tab=configuration");
  await expect(page.getByText("rest.default_page_size")).toBeVisible();
  await examine("configuration");
  await page.goto("/system?tab=maintenance");
  await expect(page.getByRole("button", { name: "Switch maintenance mode on" })).toBeVisible();
  await examine("maintenance");
  await page.goto("/system?tab=license");
  await expect(page.getByRole("heading", { name: "There is no license" })).toBeVisible();
  await examine("license");
  await page.goto("/ldap");
  await expect(page.getByText("People sign in with passwords that are kept here.")).toBeVisible();
  await examine("directory");
  await page.goto("/secrets-providers/create");
  await expect(page.getByRole("button", { name: "Test connection" })).toBeVisible();
  await examine("provider-form");
});

test("a provider is changed, and tried before", async ({ console: page, api, examine, noErrors }) => {
  noErrors.expected.push(/400/);
  const provider = name("vault");
  await api.conduct("PUT", "secrets-providers", {
    name: provider,
    type: "vault",
    connection_parameters: { url: "http://127.0.0.1:1", token: "t", path: "kv/web" },
  });
  await page.goto(`/secrets-providers/${provider}`);
  await expect(page.getByText("kv/web")).toBeVisible();
  await expect(page.getByRole("button", { name: "Test connection" })).toBeVisible();
  await examine("provider");
  await page.getByRole("link", { name: "Edit secrets provider" }).click();
  await page.getByRole("textbox", { name: "Path" }).fill("kv/shop");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("is not in the public internet", { exact: false })).toBeVisible();
  await examine("provider-edit");
  await page.getByRole("button", { name: "Save secrets provider" }).click();
  await expect(heading(page)).toHaveText(provider);
  await expect(page.getByText("kv/shop")).toBeVisible();
  await page.getByRole("button", { name: "Remove secrets provider" }).click();
  await confirm(page, "Remove secrets provider");
  await expect(heading(page)).toHaveText("Secrets providers");
});

test("a license that ends soon is spoken of on every page", async ({ console: page, examine }) => {
  const license = (end: Date) =>
    Buffer.from(`license:\n  customer_id: Harbour\n  license_edition: Spire\n  trial: false\n  cloudify_version: null\n  capabilities: null\n  expiration_date: ${end.toISOString().slice(5, 7)}/${end.toISOString().slice(8, 10)}/${end.getUTCFullYear()}\nsignature: QUJD\n`);
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
  const upload = (end: Date) =>
    page.getByLabel("Upload license").setInputFiles({ name: "license.yaml", mimeType: "application/x-yaml", buffer: license(end) });
  const bar = page.getByRole("banner");
  await page.goto("/system?tab=license");
  await expect(page.getByRole("heading", { name: "There is no license" })).toBeVisible();
  await upload(inDays(300));
  await expect(page.getByText("Harbour")).toBeVisible();
  await expect(bar.getByRole("link", { name: /License/ })).toHaveCount(0);
  await upload(inDays(10));
  await expect(bar.getByRole("link", { name: /^License expires in \d+ days$/ })).toBeVisible();
  await examine("license-soon");
  await page.goto("/sites");
  await expect(bar.getByRole("link", { name: /^License expires in/ })).toBeVisible();
  await bar.getByRole("link", { name: /^License expires in/ }).click();
  await upload(inDays(-10));
  await expect(bar.getByRole("link", { name: "License expired" })).toBeVisible();
  await expect(page.getByText("The license has expired.", { exact: false })).toBeVisible();
  await examine("license-over");
  await page.getByRole("button", { name: "Remove license" }).click();
  await confirm(page, "Remove license");
  await expect(bar.getByRole("link", { name: /License/ })).toHaveCount(0);
});

test("what the directory answers to a test is shown", async ({ console: page, examine, noErrors }) => {
  noErrors.expected.push(/500|400|502/);
  await page.goto("/ldap");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText(/^Address: /)).toBeVisible();
  await page.getByRole("textbox", { name: "Address" }).fill("ldap://127.0.0.1:1");
  await page.getByRole("textbox", { name: /^Base DN/ }).fill("dc=example,dc=org");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("cannot be reached", { exact: false })).toBeVisible();
  await examine("directory-unreachable");
});
