using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class AccessRequestTests(ControlPlaneDatabases databases)
{
    private static readonly CreateAccessRequest.Command _ask = new("orders", null, TimeSpan.FromHours(2), "ticket 7");

    [Fact]
    public async Task An_approved_request_makes_a_grant_and_its_credential_ends_with_it()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var asked = await weir.SendAsync(o.Support, _ask);
        asked.Status.ShouldBe("pending");
        asked.Access.ShouldBe("read");
        asked.MayDecide.ShouldBeFalse();
        (await weir.SendAsync(o.Dba, new ListAccessRequests.Query())).Items.ShouldHaveSingleItem().MayDecide.ShouldBeTrue();

        var approved = await weir.SendAsync(o.Dba, new ApproveAccessRequest.Command(asked.Id, "fine"));
        approved.Status.ShouldBe("approved");
        var grant = approved.Grant.ShouldNotBeNull();

        weir.Time.Advance(TimeSpan.FromMinutes(90));
        var issued = await weir.SendAsync(o.Support, new IssueCredential.Command("orders", null, TimeSpan.FromHours(8)));
        issued.Grant.ShouldBe(grant);
        issued.ExpiresAt.ShouldBe(weir.Time.GetUtcNow().AddMinutes(30));
        var delta = await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null));
        delta.Grants.ShouldHaveSingleItem().Id.ShouldBe(grant);
        delta.Credentials.ShouldHaveSingleItem().GrantId.ShouldBe(grant);
        (await weir.SendAsync(o.Support, new ListConnections.Query())).Items.ShouldHaveSingleItem().Mode.ShouldBe("grant");
    }

    [Fact]
    public async Task A_revoked_grant_takes_its_credentials_along_and_agents_hear_of_both()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var grant = await GrantAsync(weir, o);
        var issued = await weir.SendAsync(o.Support, new IssueCredential.Command("orders"));
        var full = await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null));

        var revoked = await weir.SendAsync(o.Dba, new RevokeGrant.Command(grant));

        revoked.Status.ShouldBe("revoked");
        revoked.RevokedBy.ShouldBe("dba@weir.example");
        var delta = await weir.SendAsync(o.Agent, new CompileCredentials.Query(full.Sequence, full.Connections));
        delta.RemovedGrantIds.ShouldBe([grant]);
        var ended = delta.Credentials.ShouldHaveSingleItem();
        (ended.Id, ended.ExpiresAt).ShouldBe((issued.Id, DateTimeOffset.UnixEpoch));
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Dba, new RevokeGrant.Command(grant)));
    }

    [Fact]
    public async Task Only_the_holder_an_approver_or_an_administrator_revokes()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var grant = await GrantAsync(weir, o);
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Dev, new RevokeGrant.Command(grant)));
        await weir.SendAsync(o.Support, new RevokeGrant.Command(grant));
        await weir.SendAsync(o.Admin, new RevokeGrant.Command(await GrantAsync(weir, o)));
    }

    [Fact]
    public async Task Nobody_approves_their_own_request_not_even_as_an_approver()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync(
            "default", [.. SampleDocuments.All, SampleDocuments.SupportMayAsk.Replace("support", "dba", StringComparison.Ordinal)]);
        var asked = await weir.SendAsync(o.Dba, _ask);

        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dba, new ApproveAccessRequest.Command(asked.Id)));
        (await weir.SendAsync(o.Dba, new GetAccessRequest.Query(asked.Id))).Status.ShouldBe("pending");
    }

    [Fact]
    public async Task A_user_does_not_approve_what_their_ai_agent_asks_for()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var asked = await weir.SendAsync(o.Assistant, new CreateAccessRequest.Command("orders"));

        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dev, new ApproveAccessRequest.Command(asked.Id)));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dev, new RejectAccessRequest.Command(asked.Id)));
        (await weir.SendAsync(o.Dba, new ApproveAccessRequest.Command(asked.Id))).Status.ShouldBe("approved");
    }

    [Fact]
    public async Task An_administrator_who_is_no_approver_sees_it_and_does_not_decide()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var asked = await weir.SendAsync(o.Support, _ask);

        (await weir.SendAsync(o.Admin, new GetAccessRequest.Query(asked.Id))).MayDecide.ShouldBeFalse();
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Admin, new ApproveAccessRequest.Command(asked.Id)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Dev, new GetAccessRequest.Query(asked.Id)));
    }

    [Fact]
    public async Task The_terms_of_the_rule_hold()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);

        (await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Support, _ask with { Duration = TimeSpan.FromHours(5) }))).Faults[0].Path.ShouldBe("duration");
        (await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Support, _ask with { Reason = " " }))).Faults[0].Path.ShouldBe("reason");
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Support, _ask with { Access = "write" }));
        await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Support, _ask with { Access = "everything" }));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dev, _ask));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, _ask with { Connection = "other" }));
    }

    [Fact]
    public async Task A_text_that_the_database_can_not_keep_is_a_fault_of_the_request()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Support, _ask with { Reason = "a\0b" }));
    }

    [Fact]
    public async Task A_rejected_request_is_over_and_a_withdrawn_one_too()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var rejected = await weir.SendAsync(o.Support, _ask);
        (await weir.SendAsync(o.Dba, new RejectAccessRequest.Command(rejected.Id, "not today"))).Comment.ShouldBe("not today");
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Dba, new ApproveAccessRequest.Command(rejected.Id)));

        var withdrawn = await weir.SendAsync(o.Support, _ask);
        (await weir.SendAsync(o.Support, new WithdrawAccessRequest.Command(withdrawn.Id))).Status.ShouldBe("withdrawn");
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Dba, new ApproveAccessRequest.Command(withdrawn.Id)));
    }

    [Fact]
    public async Task What_is_overdue_is_over_before_the_sweep_and_written_down_by_it()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var grant = await GrantAsync(weir, o);
        var asked = await weir.SendAsync(o.Support, _ask);
        weir.Time.Advance(CreateAccessRequest.Patience);

        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Dba, new ApproveAccessRequest.Command(asked.Id)));
        (await weir.SendAsync(o.Support, new GetAccessRequest.Query(asked.Id))).Status.ShouldBe("expired");
        (await weir.SendAsync(o.Support, new ListGrants.Query())).Items.ShouldBeEmpty();
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new IssueCredential.Command("orders", null, null, grant)));

        (await weir.SendAsync(Actor.SystemOf(o.Id), new ExpireOverdue.Command())).ShouldBe(new ExpireOverdue.Response(0, 1, 1));
        (await weir.SendAsync(Actor.SystemOf(o.Id), new ExpireOverdue.Command())).ShouldBe(new ExpireOverdue.Response(0, 0, 0));
        (await weir.SendAsync(o.Support, new ListGrants.Query(All: true))).Items.ShouldHaveSingleItem().Status.ShouldBe("ended");
    }

    [Fact]
    public async Task Two_approvals_at_the_same_moment_make_one_grant()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var asked = await weir.SendAsync(o.Support, _ask);

        var approvals = Enumerable.Range(0, 8).Select(_ => Task.Run(() => weir.SendAsync(o.Dba, new ApproveAccessRequest.Command(asked.Id)))).ToList();
        await Task.WhenAll(approvals.Select(a => a.ContinueWith(_ => { }, TaskScheduler.Default)));

        approvals.Count(a => a.IsCompletedSuccessfully).ShouldBe(1);
        approvals.Where(a => a.IsFaulted).ShouldAllBe(a => a.Exception!.InnerException is ConflictException);
        (await weir.SendAsync(o.Support, new ListGrants.Query())).Items.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Pages_hold_every_request_and_every_grant_once()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        for (var i = 0; i < 5; i++)
        {
            await GrantAsync(weir, o);
        }

        await Paging.HoldsEveryItemOnce(5, r => r.Id, (after, limit) => weir.SendAsync(o.Dba, new ListAccessRequests.Query(true, after, limit)));
        await Paging.HoldsEveryItemOnce(5, g => g.Id, (after, limit) => weir.SendAsync(o.Support, new ListGrants.Query(true, after, limit)));
    }

    private static async Task<Guid> GrantAsync(TestControlPlane weir, TestOrganization o)
    {
        var asked = await weir.SendAsync(o.Support, _ask);
        return (await weir.SendAsync(o.Dba, new ApproveAccessRequest.Command(asked.Id))).Grant!.Value;
    }
}
