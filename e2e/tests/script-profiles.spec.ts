import type { Page } from "@playwright/test";
import type { Api } from "../fixtures/api.ts";
import { choose, unique } from "../fixtures/forms.ts";
import { scriptUser, thisMachine } from "../fixtures/server.ts";
import { expect, test } from "../fixtures/test.ts";

const past = "2020-01-01T00:00:00";

/** The machine has enrolled, and the form is filled in but for the trigger. */
async function begin(page: Page, api: Api, title: string, code: string): Promise<void> {
  await api.enrolled();
  const script = await api.script(unique("Script"), code);
  await page.goto("/script-profiles/create");
  await page.getByRole("textbox", { name: "Title" }).fill(title);
  await choose(page, "Script", script.title);
  await page.getByRole("textbox", { name: "Run as user" }).fill(scriptUser);
  await page.getByRole("textbox", { name: "Time limit" }).fill("60");
  await page.getByRole("checkbox", { name: "All computers" }).check();
}

/** From the page of a profile to its newest activity. */
async function openNewestActivity(page: Page): Promise<void> {
  await page.getByRole("link", { name: /Activities/ }).last().click();
  await page.getByRole("row").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/activities\/\d+/);
}

test("runs once, at once, and its output arrives while it runs", async ({ console: page, api, gate, examine }) => {
  const title = unique("Say it slowly");
  // What the second line is waited for with is opened only after the first was read on the page.
  await begin(page, api, title, `#!/bin/sh\necho first words\n${gate.wait}\necho last words\n`);
  await page.getByRole("radio", { name: /Once/ }).check();
  await page.getByLabel("Run at").fill(past);
  await page.getByLabel("Run at").blur();
  await expect(page.getByRole("complementary", { name: "What will happen" })).toContainText(thisMachine);
  await examine("profile-form-once");
  await page.getByRole("button", { name: "Create profile" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
  await examine("profile");

  await openNewestActivity(page);
  const output = page.getByRole("log");
  await expect(output).toContainText("first words");
  await expect(output).not.toContainText("last words");
  await expect(page.getByText("In progress").first()).toBeVisible();
  await examine("activity-running");
  await gate.open();
  await expect(output).toContainText("last words");
  await expect(page.getByText("Succeeded").first()).toBeVisible();
  await examine("activity-succeeded");
});

test("a recurring one shows its next ten runs, and faults at their fields", async ({ console: page, api, examine }) => {
  const title = unique("Every morning");
  await begin(page, api, title, "#!/bin/sh\ntrue\n");
  await page.getByRole("radio", { name: /Recurring/ }).check();
  const cron = page.getByRole("textbox", { name: "Cron" });

  await cron.fill("0 25 * * *");
  await cron.blur();
  await expect(cron).toHaveAttribute("aria-invalid", "true");
  await expect(cron).toHaveAccessibleDescription(/hour|23/i);
  await examine("profile-form-fault");

  await cron.fill("0 8 * * 1-5");
  await page.getByLabel("Start after").fill("2026-11-21T00:00:00");
  await page.getByLabel("Start after").blur();
  await expect(cron).not.toHaveAttribute("aria-invalid", "true");
  const side = page.getByRole("complementary", { name: "What will happen" });
  await expect(side.getByRole("listitem").filter({ hasText: "08:00" })).toHaveCount(10);
  await expect(side).toContainText("curl");
  await examine("profile-form-recurring");

  await page.getByRole("button", { name: "Create profile" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
  await expect(page.getByText("0 8 * * 1-5").first()).toBeVisible();
});

test("what only the server knows lands at its field too", async ({ console: page, api, noErrors }) => {
  noErrors.expected.push(/400|409/);
  const title = unique("Taken");
  const script = await api.script(unique("Script"), "#!/bin/sh\ntrue\n");
  await api.profile(title, script, { trigger_type: "event", event_type: "post_enrollment" });
  await begin(page, api, title, "#!/bin/sh\ntrue\n");
  await page.getByRole("radio", { name: /On enrolment/ }).check();
  await page.getByRole("button", { name: "Create profile" }).click();
  const box = page.getByRole("textbox", { name: "Title" });
  await expect(box).toHaveAttribute("aria-invalid", "true");
  await expect(box).toBeFocused();
});

test("runs on a computer that enrols", async ({ console: page, api, startAgent }) => {
  const title = unique("Welcome");
  await begin(page, api, title, "#!/bin/sh\necho welcome aboard\n");
  await page.getByRole("radio", { name: /On enrolment/ }).check();
  await page.getByRole("button", { name: "Create profile" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
  const profile = await api.profileByTitle(title);
  expect(await api.activities(profile)).toHaveLength(0);

  await api.setRegistrationKey("a key for these tests");
  const name = unique("newcomer");
  await startAgent("--registration-key", "a key for these tests", "--title", name, "--tags", "web,tls");
  await expect.poll(async () => (await api.activities(profile)).length, { timeout: 30_000 }).toBe(1);
  await page.reload();
  await openNewestActivity(page);
  await expect(page.getByText(name).first()).toBeVisible();
  await expect(page.getByRole("log")).toContainText("welcome aboard");
});

test("is archived only after a question", async ({ console: page, api, examine }) => {
  const title = unique("Short-lived");
  const script = await api.script(unique("Script"), "#!/bin/sh\ntrue\n");
  const profile = await api.profile(title, script, { trigger_type: "event", event_type: "post_enrollment" });
  await page.goto(`/script-profiles/${profile.id}`);
  await page.getByRole("button", { name: "Archive profile" }).click();
  const question = page.getByRole("dialog");
  await expect(question).toContainText(title);
  await examine("profile-archive");
  await page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  await expect(page.getByRole("button", { name: "Archive profile" })).toBeFocused();
  await page.getByRole("button", { name: "Archive profile" }).click();
  await question.getByRole("button", { name: "Archive profile" }).click();
  await expect(question).toBeHidden();
  await expect(page.getByText("Archived").first()).toBeVisible();
  await page.goto("/script-profiles");
  await expect(page.getByRole("link", { name: title })).toHaveCount(0);
});

test("a draft survives a reload", async ({ console: page }) => {
  await page.goto("/script-profiles/create");
  await page.getByRole("textbox", { name: "Title" }).fill("Not sent yet");
  await expect(page.getByRole("status").filter({ hasText: "Draft saved" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("textbox", { name: "Title" })).toHaveValue("Not sent yet");
  await page.getByRole("button", { name: "Discard draft" }).click();
  await expect(page.getByRole("textbox", { name: "Title" })).toHaveValue("");
});
