using System.Security.Cryptography;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class AgentTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task An_enrollment_token_makes_one_agent_of_its_name_once()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var token = (await weir.SendAsync(o.Admin, new CreateEnrollmentToken.Command("second"))).Token;

        await Should.ThrowAsync<ForbiddenException>(() => weir.EnrollAsync(token, "edge"));
        var enrolled = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            try
            {
                return await weir.EnrollAsync(token, "second");
            }
            catch (ForbiddenException)
            {
                return null;
            }
        })));

        enrolled.Count(e => e is not null).ShouldBe(1);
        (await weir.SendAsync(o.Admin, new ListAgents.Query())).Items.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_expired_or_invented_enrollment_token_is_refused_in_the_same_words()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var token = (await weir.SendAsync(o.Admin, new CreateEnrollmentToken.Command("second"))).Token;
        weir.Time.Advance(TimeSpan.FromHours(1));

        var expired = await Should.ThrowAsync<ForbiddenException>(() => weir.EnrollAsync(token, "second"));
        var invented = await Should.ThrowAsync<ForbiddenException>(() => weir.EnrollAsync("weirenroll_" + new string('A', 43), "second"));
        expired.Message.ShouldBe(invented.Message);
    }

    [Fact]
    public async Task A_key_of_another_curve_is_refused()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var token = (await weir.SendAsync(o.Admin, new CreateEnrollmentToken.Command("second"))).Token;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        foreach (var bytes in new[] { key.ExportSubjectPublicKeyInfo(), [], [1, 2, 3] })
        {
            await Should.ThrowAsync<ValidationFailedException>(() =>
                weir.SendAsync(Actor.Anonymous, new EnrollAgent.Command(token, "second", bytes, "0.1.0", new Dictionary<string, string>())));
        }
    }

    [Fact]
    public async Task Enrolling_again_keeps_the_agent_and_shuts_the_old_key_out()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var before = (await weir.SendAsync(Actor.Anonymous, new FindAgentIdentity.Query(o.Agent.Id!.Value))).Identity!.PublicKey.ToArray();
        var again = await weir.EnrollAsync((await weir.SendAsync(o.Admin, new CreateEnrollmentToken.Command("edge"))).Token, "edge");

        again.Id.ShouldBe(o.Agent.Id);
        (await weir.SendAsync(Actor.Anonymous, new FindAgentIdentity.Query(o.Agent.Id.Value))).Identity!.PublicKey.ToArray().ShouldNotBe(before);
    }

    [Fact]
    public async Task A_removed_agent_gets_nothing_any_more()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.Connection);
        await weir.SendAsync(o.Admin, new RemoveAgent.Command(o.Agent.Id!.Value));

        (await weir.SendAsync(Actor.Anonymous, new FindAgentIdentity.Query(o.Agent.Id.Value))).Identity.ShouldBeNull();
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, new CompileSnapshot.Query()));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, new Application.Features.Credentials.CompileCredentials.Query(0, null)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, new ConnectAgent.Command("0.1.0", [], 0, "", [])));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, new RecordHeartbeat.Command(0, 0, 0)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, new RecordConnectionStatus.Command("orders", true, "", [])));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev)));
        (await weir.SendAsync(o.Admin, new ListAgents.Query())).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_agents_report_is_shown()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.Connection);
        (await weir.SendAsync(o.Agent, new ConnectAgent.Command("0.2.0", ["reviews"], 0, "127.0.0.1:6433", []))).PolicyVersion.ShouldBe(1);
        await weir.SendAsync(o.Agent, new RecordSnapshotAnswer.Command(1, null));
        await weir.SendAsync(o.Agent, new RecordHeartbeat.Command(3, 10, 100));
        await weir.SendAsync(o.Agent, new RecordConnectionStatus.Command("orders", true, "18.4", ["pii"]));
        await weir.SendAsync(o.Agent, new RecordConnectionStatus.Command("orders", false, "refused", []));

        var shown = (await weir.SendAsync(o.Admin, new ListAgents.Query())).Items.ShouldHaveSingleItem();

        (shown.Status, shown.Version, shown.Endpoint, shown.SnapshotVersion, shown.LiveSessions).ShouldBe(("connected", "0.2.0", "127.0.0.1:6433", 1, 3));
        var connection = shown.Connections.ShouldHaveSingleItem();
        (connection.Reachable, connection.Detail).ShouldBe((false, "refused"));
        await weir.SendAsync(o.Agent, new RecordSnapshotAnswer.Command(2, "unknown effect"));
        (await weir.SendAsync(o.Admin, new ListAgents.Query())).Items[0].SnapshotError.ShouldNotBeNull().ShouldContain("unknown effect");
        await weir.SendAsync(o.Agent, new DisconnectAgent.Command());
        (await weir.SendAsync(o.Admin, new ListAgents.Query())).Items[0].Status.ShouldBe("disconnected");
        (await weir.SendAsync(o.Support, new ListConnections.Query())).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_agent_that_was_removed_is_refused_whatever_it_says()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var review = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        await weir.SendAsync(o.Dba, new ApproveReview.Command(review.ReviewId));
        var recording = new SampleRecording(weir, o, o.Dev).Start();
        await weir.SendAsync(o.Admin, new RemoveAgent.Command(o.Agent.Id!.Value));

        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, new ListReviewUpdates.Query()));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, new ConsumeReviews.Command([new(review.ReviewId, true)])));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, new AbandonReview.Command(review.ReviewId)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev)));
        (await weir.SendAsync(o.Dba, new GetReview.Query(review.ReviewId))).Status.ShouldBe("approved");
    }

    [Fact]
    public async Task The_end_of_a_stream_does_not_mark_an_agent_as_gone_that_has_come_back_elsewhere()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var first = await weir.SendAsync(o.Agent, new ConnectAgent.Command("0.1.0", [], 0, "", []));
        weir.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await weir.SendAsync(o.Agent, new ConnectAgent.Command("0.1.0", [], 0, "", []));
        await weir.SendAsync(o.Agent, new DisconnectAgent.Command(first.ConnectedAt));
        (await weir.SendAsync(o.Admin, new ListAgents.Query())).Items.Single(a => a.Id == o.Agent.Id).Status.ShouldBe("connected");
        await weir.SendAsync(o.Agent, new DisconnectAgent.Command(second.ConnectedAt));
        (await weir.SendAsync(o.Admin, new ListAgents.Query())).Items.Single(a => a.Id == o.Agent.Id).Status.ShouldBe("disconnected");
    }
}
