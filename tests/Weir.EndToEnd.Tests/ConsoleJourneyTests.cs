using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Weir.EndToEnd.Tests.Support;

namespace Weir.EndToEnd.Tests;

/// <summary>
/// The main job as people do it in a browser: a developer asks for access and gets it from an approver; a held statement is looked at and approved; the
/// session is replayed, masked.
/// </summary>
public sealed class ConsoleJourneyTests(Quickstart weir)
{
    private const string Password = "correct horse battery staple";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    [Fact]
    public async Task Access_is_asked_for_and_granted_and_a_held_statement_is_approved_and_replayed()
    {
        var mark = Guid.NewGuid().ToString("N")[..8];
        await AddUserAsync($"jo-{mark}@weir.example", "support");
        await AddUserAsync($"kim-{mark}@weir.example", "dba");
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox"] });
        await using var developer = await SignInAsync(chromium, $"jo-{mark}@weir.example");
        await using var approver = await SignInAsync(chromium, $"kim-{mark}@weir.example");
        var faults = new List<string>();
        foreach (var person in new[] { developer, approver })
        {
            person.WebError += (_, error) => faults.Add(error.Error);
            person.Console += (_, message) =>
            {
                if (message.Type == "error")
                {
                    faults.Add(message.Text);
                }
            };
        }

        // The developer has no right, asks, and does not decide alone.
        var asking = developer.Pages[0];
        await asking.GetByRole(AriaRole.Button, new() { Name = "Request access" }).ClickAsync();
        await asking.GetByLabel("Reason").FillAsync($"ticket {mark}");
        await asking.GetByRole(AriaRole.Button, new() { Name = "Send request" }).ClickAsync();
        await Expect(asking.GetByText("Your request waits for dba")).ToBeVisibleAsync();
        await asking.GotoAsync(Url("/requests"));
        await Expect(asking.GetByText("Somebody else has to decide about your own request.")).ToBeVisibleAsync();

        // The approver's page shows it without being loaded again.
        var deciding = approver.Pages[0];
        await deciding.GotoAsync(Url("/requests"));
        var card = deciding.GetByRole(AriaRole.Article).Filter(new() { HasText = $"ticket {mark}" });
        await AssertAccessibleAsync(deciding);
        await card.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(card).Not.ToBeVisibleAsync();

        // The grant is there, on the developer's open page: a credential is issued, and it works.
        await Expect(asking.GetByRole(AriaRole.Row).Filter(new() { HasText = $"jo-{mark}@weir.example" })).ToContainTextAsync("active");
        await asking.GotoAsync(Url("/"));
        await asking.GetByRole(AriaRole.Button, new() { Name = "Connect" }).ClickAsync();
        await asking.GetByRole(AriaRole.Button, new() { Name = "Issue credential" }).ClickAsync();
        var line = await asking.Locator(".copy-line").Filter(new() { HasText = "psql, directly" }).Locator("code").InnerTextAsync();
        var url = line[line.IndexOf("postgresql://", StringComparison.Ordinal)..].TrimEnd('\'', '"');
        (await weir.Psql.QueryAsync(url, ["SELECT count(*) FROM orders"], Cancellation)).EnsureSuccess();

        // A statement of somebody else is held; the approver reads and approves it.
        await using var psql = weir.Psql.Start(weir.DirectUrl, "--command", $"BEGIN; UPDATE orders SET note = 'note-{mark}'; ROLLBACK");
        await deciding.GotoAsync(Url("/reviews"));
        await deciding.GetByText($"note-{mark}").First.ClickAsync();
        await Expect(deciding.GetByText("This changes every row of a table.")).ToBeVisibleAsync();
        await AssertAccessibleAsync(deciding);
        await deciding.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        (await psql.WaitForExitAsync(TimeSpan.FromSeconds(60), Cancellation)).ShouldBe(0, psql.Output);

        // Everything stands in the recording, masked.
        (await weir.Psql.QueryAsync(weir.DirectUrl, [$"SELECT id, ssn /* {mark} */ FROM customers ORDER BY id LIMIT 1"], Cancellation)).EnsureSuccess();
        var secret = (await weir.UpstreamAsync<string>("SELECT ssn::text FROM customers ORDER BY id LIMIT 1"))!;
        await using var auditor = await SignInAsync(chromium, weir.Settings["WEIR_ADMIN_EMAIL"], weir.Settings["WEIR_ADMIN_PASSWORD"]);
        var reading = auditor.Pages[0];
        await reading.GotoAsync(Url($"/sessions/{await SessionOfAsync(mark)}/replay"));
        await Expect(reading.GetByText(mark).First).ToBeVisibleAsync();
        await Expect(reading.GetByText("masked").First).ToBeVisibleAsync();
        (await reading.ContentAsync()).ShouldNotContain(secret);
        await AssertAccessibleAsync(reading);
        faults.ShouldBeEmpty();
    }

    private string Url(string path) => weir.Settings["WEIR_CONSOLE_URL"] + path;

    private async Task AddUserAsync(string email, string group)
    {
        using var api = new HttpClient { BaseAddress = new Uri(weir.Settings["WEIR_API_URL"]) };
        api.DefaultRequestHeaders.Authorization = new("Bearer", weir.Settings["WEIR_ADMIN_TOKEN"]);
        using var body = new StringContent(
            $$"""{"kind":"user","name":"{{email}}","groups":["{{group}}"],"password":"{{Password}}"}""", System.Text.Encoding.UTF8, "application/json");
        using var made = await api.PostAsync("/api/v1/principals", body, Cancellation);
        made.EnsureSuccessStatusCode();
    }

    /// <summary>A browser of somebody's own, with one page, signed in.</summary>
    private async Task<IBrowserContext> SignInAsync(IBrowser chromium, string email, string password = Password)
    {
        var context = await chromium.NewContextAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(20_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync(Url("/sign-in"));
        await page.GetByLabel("Email").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Connections" })).ToBeVisibleAsync(new() { Timeout = 20_000 });
        return context;
    }

    private Task<string> SessionOfAsync(string mark) => Weir.Testing.Eventually.GetAsync(
        async () =>
        {
            foreach (var item in (await weir.WeirJsonAsync("WEIR_ADMIN_TOKEN", "sessions", "list", "--limit", "5")).AsArray())
            {
                var session = await weir.WeirJsonAsync("WEIR_ADMIN_TOKEN", "sessions", "show", item!["id"]!.GetValue<string>());
                if (session["status"]!.ToString() == "ended" && session["statements"]!.ToJsonString().Contains($"/* {mark} */", StringComparison.Ordinal))
                {
                    return item["id"]!.GetValue<string>();
                }
            }

            return null;
        },
        TimeSpan.FromSeconds(30),
        "the session is recorded",
        Cancellation);

    private static async Task AssertAccessibleAsync(IPage page)
    {
        var found = await page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa"] } });
        found.Violations.Select(v => $"{v.Id}: {string.Join(", ", v.Nodes.Select(n => n.Html))}").ShouldBeEmpty(page.Url);
    }
}
