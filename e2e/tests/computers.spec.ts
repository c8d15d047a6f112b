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
  await expect(page.getByText("Tags")).toBeVisible();
  await examine("computer");
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
  await api.enrolled();
  const computer = (await api.computers()).find(({ hostname }) => hostname === thisMachine);
  await page.goto(`/computers/${computer?.id}`);
  await page.getByLabel("Add a tag").fill("harbour");
  await page.getByRole("button", { name: "Add tag" }).click();
  const remove = page.getByRole("button", { name: "Remove tag harbour" });
  await expect(remove).toBeVisible();
  await page.reload();
  await remove.click();
  await expect(remove).toBeHidden();
  await expect.poll(async () => (await api.computers()).find(({ id }) => id === computer?.id)?.tags).toEqual([]);
});
