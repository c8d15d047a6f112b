import { unique } from "../fixtures/forms.ts";
import { thisMachine } from "../fixtures/server.ts";
import { expect, test } from "../fixtures/test.ts";

test("a running one is cancelled", async ({ console: page, api, gate, examine }) => {
  await api.enrolled();
  const script = await api.script(unique("Endless"), `#!/bin/sh\necho it runs\n${gate.wait}\n`);
  const profile = await api.profile(unique("Endless"), script, { trigger_type: "one_time", timestamp: "2020-01-01T00:00:00Z" });
  await expect.poll(async () => (await api.activities(profile)).length).toBe(1);
  const [activity] = await api.activities(profile);

  await page.goto("/activities");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Activities");
  await examine("activities");
  await page.goto(`/activities/${activity?.id}`);
  await expect(page.getByRole("log")).toContainText("it runs");
  await page.getByRole("button", { name: /^Cancel/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: /Cancel activity/ }).click();
  await expect(page.getByText("Canceled").first()).toBeVisible();
});

test("a failing one shows its exit code and what it wrote, as text", async ({ console: page, api, examine }) => {
  await api.enrolled();
  const script = await api.script(unique("Fails"), "#!/bin/sh\necho '<b>not markup</b>'\nexit 3\n");
  const profile = await api.profile(unique("Fails"), script, { trigger_type: "one_time", timestamp: "2020-01-01T00:00:00Z" });
  // Computers of other tests may be there too, whose agents are gone.
  const failed = async () => (await api.activities(profile)).find(({ activity_status }) => activity_status === "failed");
  await expect.poll(failed).toBeDefined();
  await page.goto(`/activities/${(await failed())?.id}`);
  await expect(page.getByRole("log")).toContainText("<b>not markup</b>");
  await expect(page.getByText("exit code 3").first()).toBeVisible();
  await examine("activity-failed");
});

test("what is over runs again as an activity of its own", async ({ console: page, api }) => {
  await api.enrolled();
  const script = await api.script(unique("Twice"), "#!/bin/sh\necho once more\n");
  const computer = (await api.computers()).find(({ hostname }) => hostname === thisMachine);
  await page.goto(`/computers/${computer?.id}`);
  await page.getByRole("button", { name: "Run script" }).click();
  await page.getByRole("dialog").getByLabel("Script").selectOption({ label: script.title });
  await page.getByRole("dialog").getByRole("button", { name: "Run script" }).click();
  await expect(page.getByRole("log")).toContainText("once more");
  const again = page.getByRole("button", { name: "Run again" });
  await expect(again).toBeVisible();
  const first = new URL(page.url()).pathname;
  await again.click();
  await page.getByRole("dialog").getByRole("button", { name: "Run again" }).click();
  await expect(page).not.toHaveURL(new RegExp(`${first}(\\?|$)`));
  await expect(page).toHaveURL(/\/activities\/\d+/);
  await expect(page.getByRole("log")).toContainText("once more");
});
