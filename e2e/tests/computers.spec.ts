import { unique } from "../fixtures/forms.ts";
import { thisMachine } from "../fixtures/server.ts";
import { expect, test } from "../fixtures/test.ts";

test("this machine has enrolled", async ({ console: page, examine }) => {
  await page.goto("/computers");
  const row = page.getByRole("row").filter({ hasText: thisMachine });
  await expect(row).toBeVisible();
  await expect(row.getByRole("time")).toHaveText(/now|ago/);
  await examine("computers");

  await row.getByRole("link").first().click();
  await expect(page).toHaveURL(/\/computers\/\d+/);
  await expect(page.getByText("Last contact")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Tags" })).toBeVisible();
  await examine("computer");
});

test("what is on a computer stands in tabs that have addresses", async ({ console: page, api, examine }) => {
  // Waits for what the agent reports, and examines five pages.
  test.slow();
  const computer = await api.thisComputer();
  await page.goto(`/computers/${computer.id}`);
  const tabs = page.getByRole("navigation", { name: "Parts of this page" });

  await tabs.getByRole("link", { name: "Users" }).click();
  await expect(page).toHaveURL(/tab=users/);
  // Reported a moment after enrolment.
  const root = page.getByRole("navigation", { name: "Users" }).getByRole("link", { name: /^root\b/ });
  await expect(async () => {
    await page.reload();
    await expect(root).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 40_000 });
  await root.click();
  await expect(page).toHaveURL(/user=root/);
  await expect(page.getByRole("heading", { name: "root" })).toBeVisible();
  await expect(page.getByText("Primary group")).toBeVisible();
  await examine("computer-users");

  await tabs.getByRole("link", { name: "Processes" }).click();
  await expect(page.getByRole("columnheader", { name: "PID" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await examine("computer-processes");

  await tabs.getByRole("link", { name: "Hardware" }).click();
  await expect(page.getByRole("heading", { name: "Machine" })).toBeVisible();
  await expect(page.getByText(/[\d,]+ MiB/).first()).toBeVisible();
  await examine("computer-hardware");

  await tabs.getByRole("link", { name: "Packages" }).click();
  await expect(page).toHaveURL(/tab=packages/);
  await expect(page.getByRole("navigation", { name: "Which packages" })).toBeVisible();
  await page.getByRole("searchbox", { name: /Filter by name/ }).fill("no-such-package");
  await expect(page).toHaveURL(/search=no-such-package/);
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await examine("computer-packages-none");
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(page).not.toHaveURL(/search=/);
});

test("an annotation is put on a computer, refused without a proper key, and removed", async ({ console: page, api }) => {
  const computer = await api.thisComputer();
  await page.goto(`/computers/${computer.id}`);
  const key = page.getByRole("textbox", { name: "Key of the annotation" });
  await key.fill("two words");
  await page.getByRole("button", { name: "Add annotation" }).click();
  await expect(key).toHaveAttribute("aria-invalid", "true");
  await expect(key).toHaveAccessibleDescription(/letters, digits/);
  await key.fill("rack");
  await page.getByRole("textbox", { name: "Value of the annotation" }).fill("B12");
  await page.getByRole("button", { name: "Add annotation" }).click();
  const remove = page.getByRole("button", { name: "Remove annotation rack" });
  await expect(remove).toBeVisible();
  await expect(page.getByText("B12")).toBeVisible();
  await remove.click();
  await expect(remove).toBeHidden();
});

test("a script is run on one computer at once", async ({ console: page, api, examine }) => {
  await api.enrolled();
  const script = await api.script(unique("At once"), "#!/bin/sh\necho at once\n");
  const computer = await api.thisComputer();
  await page.goto(`/computers/${computer.id}`);
  await page.getByRole("button", { name: "Run script" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Script").selectOption({ label: script.title });
  await examine("computer-run-script");
  await dialog.getByRole("button", { name: "Run script" }).click();
  await expect(page).toHaveURL(/\/activities\/\d+/);
  await expect(page.getByRole("log")).toContainText("at once");
});

test("a computer is removed after its name was typed", async ({ console: page, startAgent, examine }) => {
  test.slow();
  const name = unique("leaver");
  await startAgent("--title", name);
  await page.goto("/computers");
  await page.getByRole("button", { name: `Accept ${name}` }).click({ timeout: 30_000 });
  await page.getByRole("row").filter({ hasText: name }).getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  await page.getByText("More", { exact: true }).click();
  await examine("computer-more");
  await page.getByRole("button", { name: "Remove computer" }).click();
  const dialog = page.getByRole("dialog");
  const yes = dialog.getByRole("button", { name: "Remove computer" });
  await expect(yes).toBeDisabled();
  await dialog.getByLabel(/to confirm/).fill(name);
  await examine("computer-remove");
  await yes.click();
  await expect(page).toHaveURL(/\/computers$/);
  await expect(page.getByRole("row").filter({ hasText: name })).toHaveCount(0);
});

test("an alert says what waits, and is dismissed", async ({ console: page, startAgent, examine }) => {
  const name = unique("waiting one");
  await startAgent("--title", name);
  await page.goto("/computers");
  await expect(page.getByRole("button", { name: `Accept ${name}` })).toBeVisible({ timeout: 30_000 });
  await page.reload();
  await page.getByRole("button", { name: /\d+ alerts?/ }).click();
  const dismiss = page.getByRole("button", { name: /Dismiss: .*to be accepted/ });
  await expect(dismiss).toBeVisible();
  await examine("alerts");
  await dismiss.click();
  await expect(dismiss).toHaveCount(0);
  await page.getByRole("button", { name: `Reject ${name}` }).click();
  await expect(page.getByRole("button", { name: `Reject ${name}` })).toHaveCount(0);
});

test("a filter that nothing matches says which to loosen", async ({ console: page, examine }) => {
  await page.goto("/computers?search=no-such-machine");
  await expect(page.getByText("No computer matches")).toBeVisible();
  await examine("computers-none");
  await page.getByRole("link", { name: /no-such-machine/ }).click();
  await expect(page.getByRole("row").filter({ hasText: thisMachine })).toBeVisible();
});

test("a computer without the key waits until somebody accepts it", async ({ console: page, startAgent, examine }) => {
  const name = unique("stranger");
  await startAgent("--title", name);
  await page.goto("/computers");
  const accept = page.getByRole("button", { name: `Accept ${name}` });
  await expect(accept).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("row").filter({ hasText: name })).toHaveCount(0);
  await examine("computers-pending");
  await accept.click();
  await expect(page.getByRole("row").filter({ hasText: name })).toBeVisible();
  await expect(accept).toBeHidden();
});

test("a tag is put on a computer and taken away", async ({ console: page, api }) => {
  const computer = await api.thisComputer();
  await page.goto(`/computers/${computer.id}`);
  await page.getByLabel("Add a tag").fill("harbour");
  await page.getByRole("button", { name: "Add tag" }).click();
  const remove = page.getByRole("button", { name: "Remove tag harbour" });
  await expect(remove).toBeVisible();
  await page.reload();
  await remove.click();
  await expect(remove).toBeHidden();
  await expect.poll(async () => (await api.computers()).find(({ id }) => id === computer.id)?.tags).toEqual([]);
});
