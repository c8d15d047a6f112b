import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { unique } from "../fixtures/forms.ts";
import { expect, test } from "../fixtures/test.ts";

const code = "#!/bin/sh\ntrue\n";

/** Three scripts that no other test sees among its own, and the list of just these. */
async function three(page: Page, api: { script: (title: string, code: string) => Promise<{ id: number; title: string }> }) {
  const mark = unique("Listed").replace(" ", "-");
  const made = [];
  for (const name of ["beta", "alpha", "gamma"]) made.push(await api.script(`${mark} ${name}`, code));
  await page.goto(`/scripts?search=${mark}`);
  await expect(page.getByRole("row")).toHaveCount(4);
  return { mark, made };
}

test("columns are chosen, ordered and sized, and remembered", async ({ console: page, api, examine }) => {
  await three(page, api);
  const heads = page.getByRole("columnheader");
  await page.getByText("Columns", { exact: true }).click();
  await page.getByRole("checkbox", { name: "Created" }).check();
  await page.getByRole("checkbox", { name: "Interpreter" }).uncheck();
  await page.getByRole("button", { name: "Move to the left: Created" }).click();
  await page.getByRole("button", { name: "Widen Title" }).click();
  await examine("list-columns");
  await page.keyboard.press("Escape");
  await expect(heads.filter({ hasText: "Created" })).toBeVisible();
  await expect(heads.filter({ hasText: "Interpreter" })).toHaveCount(0);
  const order = await heads.allTextContents();

  await page.reload();
  await expect(heads.filter({ hasText: "Created" })).toBeVisible();
  expect(await heads.allTextContents()).toEqual(order);

  // With the mouse: the edge of a header is drawn to the right.
  const cell = heads.filter({ hasText: "Version" });
  const before = await cell.boundingBox();
  if (!before) throw new Error("the header is not on screen");
  await page.mouse.move(before.x + before.width - 4, before.y + before.height / 2);
  await page.mouse.down();
  await page.mouse.move(before.x + before.width + 56, before.y + before.height / 2, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await cell.boundingBox())?.width ?? 0).toBeGreaterThan(before.width + 30);
});

test("sorts by several columns with Shift", async ({ console: page, api }) => {
  const { mark } = await three(page, api);
  const titles = async () => (await page.getByRole("row").getByRole("link").allTextContents()).map((title) => title.replace(`${mark} `, ""));
  await page.getByRole("button", { name: "Version" }).click();
  await page.getByRole("button", { name: "Title" }).click({ modifiers: ["Shift"] });
  await page.getByRole("button", { name: "Title" }).click({ modifiers: ["Shift"] });
  await expect(page).toHaveURL(/sort=version_number%2C-title/);
  await expect(page.getByRole("columnheader", { name: /Title/ })).toHaveAttribute("aria-sort", "descending");
  await expect.poll(titles).toEqual(["gamma", "beta", "alpha"]);
});

test("a filter is added, shown as a chip, and kept in a view", async ({ console: page, api, examine }) => {
  const { mark } = await three(page, api);
  await page.getByText("+ Filter").click();
  await page.getByRole("combobox", { name: "Field" }).selectOption({ label: "Interpreter" });
  await page.getByRole("textbox", { name: "Value" }).fill("/bin/zsh");
  await examine("list-filter");
  await page.getByRole("button", { name: "Add filter" }).click();
  await expect(page.getByText("No script matches")).toBeVisible();
  await expect(page.getByRole("link", { name: /Without “Interpreter is/ })).toBeVisible();
  await examine("list-nothing");
  await page.getByRole("button", { name: /Remove filter Interpreter/ }).click();
  await expect(page.getByRole("row")).toHaveCount(4);

  await page.getByText("Views", { exact: true }).click();
  await page.getByRole("textbox", { name: "Name of the view" }).fill("Mine");
  await page.getByRole("button", { name: "Save view" }).click();
  await examine("list-views");
  await page.goto("/scripts");
  await page.getByText("Views", { exact: true }).click();
  await page.getByRole("link", { name: "Mine" }).click();
  await expect(page).toHaveURL(new RegExp(`search=${mark}`));
  await expect(page.getByRole("row")).toHaveCount(4);
});

test("rows are exported as CSV and as JSON", async ({ console: page, api, examine }) => {
  const { mark } = await three(page, api);
  await api.script(`=${mark}`, code);
  await page.reload();
  await expect(page.getByRole("row")).toHaveCount(5);
  const take = async (button: string): Promise<string> => {
    await page.getByText("Export", { exact: true }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: button }).click();
    return readFile(await (await download).path(), "utf8");
  };
  const csv = await take("Export CSV");
  const lines = csv.split("\r\n");
  expect(lines[0]).toMatch(/^Title,/);
  expect(lines).toHaveLength(6);
  expect(csv).toContain(`'=${mark},`);
  const json = JSON.parse(await take("Export JSON")) as { title: string }[];
  expect(json.map(({ title }) => title)).toContain(`${mark} alpha`);
  await page.getByText("Export", { exact: true }).click();
  await examine("list-export");
});

test("many are chosen with the keyboard, and what fails says why and is tried again", async ({ console: page, api, examine, noErrors }) => {
  const { mark, made } = await three(page, api);
  noErrors.expected.push(/500|archive/);
  let broken = true;
  await page.route(`**/scripts/${made[0]?.id}:archive`, (route) =>
    broken ? route.fulfill({ status: 500, contentType: "application/json", body: JSON.stringify({ error: "Internal", message: "The disk is full." }) }) : route.continue(),
  );
  for (const key of ["j", "x", "j", "j"]) await page.keyboard.press(key);
  await page.keyboard.press("Shift+X");
  await expect(page.getByText("3 selected")).toBeVisible();
  await examine("list-selected");
  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive 3 scripts" }).click();
  await expect(page.getByText("The disk is full.")).toBeVisible();
  await expect(page.getByText(`${mark} beta`).last()).toBeVisible();
  await examine("list-failures");
  broken = false;
  await page.getByRole("button", { name: /Try to archive it again/ }).click();
  await expect(page.getByText("No script matches")).toBeVisible();
});

test("keys that follow each other faster than rows are drawn all count", async ({ console: page, api }) => {
  await three(page, api);
  await page.evaluate(async () => {
    for (const key of ["j", "j", "j"]) {
      await new Promise(requestAnimationFrame);
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }
  });
  await expect(page.getByRole("row").nth(3).getByRole("link").first()).toBeFocused();
});

test("what cannot be loaded says what failed and can be tried again", async ({ console: page, examine, noErrors }) => {
  noErrors.expected.push(/503/);
  let down = true;
  await page.route("**/api/v2/scripts?*", (route) =>
    down
      ? route.fulfill({ status: 503, headers: { "x-request-id": "abc123" }, contentType: "application/json", body: JSON.stringify({ error: "Unavailable", message: "The database is locked." }) })
      : route.continue(),
  );
  await page.goto("/scripts");
  await expect(page.getByRole("alert")).toContainText("The database is locked.");
  await expect(page.getByRole("alert")).toContainText("abc123");
  await examine("list-error");
  down = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("alert")).toBeHidden();
});

test("tags are put on all computers that match", async ({ console: page, api }) => {
  await api.enrolled();
  await page.goto("/computers");
  await page.getByRole("row").nth(1).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Tag", exact: true }).click();
  await page.getByRole("dialog").getByLabel("Tags").fill("quay, crane");
  await page.getByRole("dialog").getByRole("button", { name: /^Tag / }).click();
  await expect(page.getByRole("row").filter({ hasText: "quay" })).toBeVisible();
  expect((await api.computers()).some(({ tags }) => tags.includes("crane"))).toBe(true);
  await page.goto("/computers?query=tag:quay");
  await expect(page.getByRole("row").filter({ hasText: "quay" })).toBeVisible();
  await page.goto("/computers?query=NOT+tag:quay");
  await expect(page.getByRole("row").filter({ hasText: "quay" })).toHaveCount(0);
});

test("nothing is cut at 1024 pixels, and nothing scrolls sideways at 390", async ({ console: page, api }) => {
  await api.enrolled();
  const script = await api.script(unique("Wide"), code);
  const profile = await api.profile(unique("Wide"), script, { trigger_type: "one_time", timestamp: "2020-01-01T00:00:00Z" });
  await expect.poll(async () => (await api.activities(profile)).map(({ activity_status }) => activity_status)).toEqual(["succeeded"]);
  for (const [path, width] of [["/computers", 1024], ["/scripts", 1024], ["/activities", 1024], ["/computers", 390], ["/scripts", 390]] as const) {
    await page.setViewportSize({ width, height: 768 });
    await page.goto(path);
    await expect(page.getByRole("row").nth(1)).toBeVisible();
    const wide = await page.evaluate(() => {
      const cells = [...document.querySelectorAll(".table th, .table td:not(.key)")];
      const cut = cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent);
      return { cut, sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth };
    });
    expect(wide, `${path} at ${width}`).toEqual({ cut: [], sideways: 0 });
  }
});
