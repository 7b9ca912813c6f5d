using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Policies;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class BacktestTests(ControlPlaneDatabases databases)
{
    private const string ReviewReads = """
        { "apiVersion": "weir/v1", "kind": "Guardrail", "metadata": { "name": "reads-are-reviewed" },
          "spec": { "principals": { "groups": ["engineers"] }, "when": { "relations": ["*.customers"], "effects": ["read"] }, "action": "review",
            "review": { "reviewers": ["dba"], "approvals": 1, "expiresAfter": "15m" }, "message": "Ask first." } }
        """;

    [Fact]
    public async Task It_says_what_would_change_and_for_whom_and_changes_nothing()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);

        var tested = await weir.SendAsync(o.Admin, Command(ReviewReads));

        (tested.Statements, tested.Judged, tested.Changed).ShouldBe((6, 6, 2));
        var change = tested.Changes.ShouldHaveSingleItem();
        (change.Principal, change.Connection, change.Was, change.WouldBe, change.Rule, change.Count).ShouldBe(("dev@weir.example", "orders", "allow", "review", "reads-are-reviewed", 2));
        change.Example.ShouldBe("SELECT id, email FROM customers");
        (await weir.SendAsync(o.Admin, new ListDocuments.Query())).Items.ShouldNotContain(d => d.Metadata.Name == "reads-are-reviewed");
    }

    [Fact]
    public async Task Documents_of_the_same_name_take_the_place_of_those_in_force()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);

        (await weir.SendAsync(o.Admin, Command(SampleDocuments.NoDestructiveDdl))).Changed.ShouldBe(0);
        var tested = await weir.SendAsync(o.Admin, Command(SampleDocuments.EngineersStanding.Replace("\"engineers\"", "\"nobody\"", StringComparison.Ordinal)));

        tested.Changes.ShouldHaveSingleItem().WouldBe.ShouldBe("deny");
        tested.Changes[0].Message.ShouldNotBeNull().ShouldContain("no session");
    }

    [Fact]
    public async Task Only_what_was_recorded_since_then_counts()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);
        weir.Time.Advance(TimeSpan.FromDays(2));
        (await weir.SendAsync(o.Admin, Command(ReviewReads) with { Since = TimeSpan.FromDays(1) })).Statements.ShouldBe(0);
        (await weir.SendAsync(o.Admin, Command(ReviewReads) with { Since = TimeSpan.FromDays(3) })).Statements.ShouldBe(6);
    }

    [Fact]
    public async Task A_wrong_document_or_time_is_named()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        (await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Admin, Command(ReviewReads.Replace("\"read\"", "\"raed\"", StringComparison.Ordinal))))).Message.ShouldContain("raed");
        (await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Admin, Command(ReviewReads) with { Since = TimeSpan.FromDays(1000) }))).Faults[0].Path.ShouldBe("since");
        (await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Admin, Command()))).Faults[0].Path.ShouldBe("documents");
    }

    [Fact]
    public async Task It_shows_what_others_sent_so_members_may_not_and_whoever_does_is_written_down()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);
        foreach (var actor in new[] { o.Dev, o.Dba, o.Assistant, o.Agent, Actor.Anonymous })
        {
            await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(actor, Command(ReviewReads)));
        }

        await weir.SendAsync(o.Admin, Command(ReviewReads));
        (await weir.SendAsync(o.Admin, new ListAuditEvents.Query(Action: "policy.backtest"))).Items.ShouldHaveSingleItem().Actor.ShouldBe("admin@weir.example");
    }

    [Fact]
    public async Task Another_organizations_recordings_are_not_judged()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        await RecordedAsync(weir);
        var other = await weir.CreateOrganizationAsync("other", SampleDocuments.All);
        (await weir.SendAsync(other.Admin, Command(ReviewReads))).Statements.ShouldBe(0);
    }

    private static BacktestPolicy.Command Command(params string[] documents) => new([.. documents.Select(TestControlPlane.ReadJson)]);

    /// <summary>Two sessions of a developer and one of an AI agent, of two statements each.</summary>
    private static async Task<TestOrganization> RecordedAsync(TestControlPlane weir)
    {
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        foreach (var principal in new[] { o.Dev, o.Dev, o.Assistant })
        {
            await weir.SendAsync(o.Agent, new IngestEvents.Command(new SampleRecording(weir, o, principal).Whole().Events));
        }

        return o;
    }
}
