import { unique } from "../fixtures/forms.ts";
import { Host } from "../fixtures/host.ts";
import { administrator, Server } from "../fixtures/server.ts";
import { expect, test as base } from "../fixtures/test.ts";

/** The console comes from a host of its own; the server is elsewhere and allows that host. */
const test = base.extend<object, { host: Host }>({
  host: [
    // Playwright reads from the form of the first parameter which fixtures it takes.
    async ({}, use) => {
      const host = await Host.start();
      await use(host);
      await host.stop();
    },
    { scope: "worker" },
  ],
  server: [
    async ({ host }, use) => {
      const server = await Server.start({ BINNACLE_HTTP_CORS_ORIGINS: host.url });
      await use(server);
      await server.program.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ host }, use) => use(host.url),
});

test.beforeEach(({ host, server }) => {
  host.config = JSON.stringify({ api: server.url });
});

test("signs in, lists, changes and streams across origins", async ({ page, context, api, gate }) => {
  await api.enrolled();
  await page.goto("/");
  await page.getByLabel("User name or email").fill(administrator.identity);
  await page.getByLabel("Password", { exact: true }).fill(administrator.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Computers");
  await expect(page.getByRole("row").getByRole("link").first()).toBeVisible();
  expect(await context.cookies(), "cookies of a server that the page is not from").toEqual([]);

  // The session outlives a reload, though no cookie holds it.
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Computers");

  const script = await api.script(unique("Far away"), `#!/bin/sh\necho before the gate\n${gate.wait}\necho behind it\n`);
  const profile = await api.profile(unique("Far away"), script, { trigger_type: "one_time", timestamp: "2020-01-01T00:00:00Z" });
  await expect.poll(async () => (await api.activities(profile)).length).toBe(1);
  const [activity] = await api.activities(profile);
  await page.goto(`/activities/${activity?.id}`);
  await expect(page.getByRole("log")).toContainText("before the gate");
  await gate.open();
  await expect(page.getByRole("log")).toContainText("behind it");
  await expect(page.getByText("Succeeded").first()).toBeVisible();

  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Sign in");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Sign in");
});

test("a host that the server does not know gets no answer", async ({ page, server, noErrors }) => {
  noErrors.expected.push(/CORS policy/, /net::ERR_FAILED/);
  const stranger = await Host.start();
  try {
    stranger.config = JSON.stringify({ api: server.url });
    await page.goto(stranger.url);
    await expect(page.getByRole("alert")).toContainText("The server does not answer");
  } finally {
    // What the page still fetches in the background ends with it, not with a host that is gone.
    await page.close();
    await stranger.stop();
  }
});

test("a broken config.json says what is wrong with it", async ({ page, host, noErrors }) => {
  noErrors.expected.push(/config\.json beside the console/);
  const note = page.locator("#boot-message");
  for (const [config, said] of [
    ["{ not json", "it is no JSON"],
    ["[]", "it is no object"],
    [`{"server": "https://a.example"}`, "there is only “api”"],
    [`{"api": "binnacle.example"}`, "“api” has to be an address"],
    [`{"api": "https://a.example/api"}`, "without a path"],
  ] as const) {
    host.config = config;
    await page.goto("/");
    await expect(note, config).toContainText(said);
  }
});

test("without config.json the API is where the console is", async ({ page, host, noErrors }) => {
  noErrors.expected.push(/status of 404/);
  host.config = undefined;
  const asked = page.waitForRequest((request) => new URL(request.url()).pathname === "/api/v2/me");
  await page.goto("/");
  expect(new URL((await asked).url()).origin).toBe(host.url);
});
