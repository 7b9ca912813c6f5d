using Npgsql;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.Tests.Support;
using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Reviews;
using Weir.ControlPlane.Domain.Sessions;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Tests.Changes;

public sealed class ClusterSignalTests(ControlPlaneDatabases databases)
{
    private static readonly OrganizationId Organization = new(Guid.NewGuid());

    private static readonly ClusterSignal[] All =
    [
        new PolicyChanged(Organization, 7), new CredentialsChanged(Organization, 8), new ReviewChanged(Organization, new ReviewId(Guid.NewGuid()), new AgentId(Guid.NewGuid())),
        new AccessRequestChanged(Organization, new AccessRequestId(Guid.NewGuid())), new AgentChanged(Organization, new AgentId(Guid.NewGuid()), IsShutOut: true),
        new AgentChanged(Organization, new AgentId(Guid.NewGuid()), IsShutOut: false), new SessionChanged(Organization, new SessionId(Guid.NewGuid())),
        new SessionTermination(Organization, new AgentId(Guid.NewGuid()), new SessionId(Guid.NewGuid())), new WebhookChanged(Organization, new WebhookId(Guid.NewGuid()), HasWork: true),
        new PrincipalsChanged(Organization), new TokensChanged(Organization), new AuditChanged(Organization),
    ];

    [Fact]
    public void Every_signal_is_the_same_after_the_way_to_another_replica()
    {
        foreach (var signal in All)
        {
            SignalText.Read(SignalText.Write(signal)).ShouldBe(signal);
        }

        var kinds = typeof(ClusterSignal).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(ClusterSignal)));
        kinds.Except(All.Select(s => s.GetType())).ShouldBeEmpty("a signal without a text");
    }

    [Theory]
    [InlineData("")]
    [InlineData("review")]
    [InlineData("review nobody nothing nowhere")]
    [InlineData("policy 7b0c8b9e-7f0e-4d57-8a55-111111111111 -1")]
    [InlineData("of-a-newer-version 7b0c8b9e-7f0e-4d57-8a55-111111111111 x")]
    public void What_is_no_signal_is_passed_over(string line) => SignalText.Read(line).ShouldBeNull();

    [Fact]
    public async Task A_signal_is_told_to_others_with_the_commit_and_holds_ids_alone()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        await using var listener = new NpgsqlConnection(weir.Database.ServerConnection);
        var heard = new List<string>();
        listener.Notification += (_, said) => heard.AddRange(said.Payload.Split('\n'));
        await listener.OpenAsync(TestControlPlane.Cancellation);
        await using (var listen = new NpgsqlCommand($"LISTEN {ClusterChannel.Name}", listener))
        {
            await listen.ExecuteNonQueryAsync(TestControlPlane.Cancellation);
        }

        var review = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        await Should.ThrowAsync<Exception>(() => weir.SendAsync(o.Admin, new ApproveReview.Command(review.ReviewId)));
        while (!heard.Any(h => h.Contains($"review {o.Id} {review.ReviewId} ", StringComparison.Ordinal)))
        {
            await listener.WaitAsync(TestControlPlane.Cancellation);
        }

        heard.ShouldAllBe(h => h.Length < 200 && !h.Contains("DELETE", StringComparison.Ordinal) && !h.Contains('@'));
        heard.Count(h => h.Contains("review ", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_follows_looks_anew_when_listening_begins_again()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var channel = (ClusterChannel)weir.Services.GetService(typeof(ClusterChannel))!;
        await using var follow = weir.Signals.FollowAsync(Organization, TestControlPlane.Cancellation).GetAsyncEnumerator(TestControlPlane.Cancellation);
        (await follow.MoveNextAsync()).ShouldBeTrue();
        follow.Current.ShouldBeNull();
        var next = follow.MoveNextAsync().AsTask();
        channel.Receive($"another {SignalText.Write(All[0])}\nof-a-newer-version {Organization}\n{SignalText.Write(All[1])}");
        (await next).ShouldBeTrue();
        follow.Current.ShouldBe(All[0]);
        (await follow.MoveNextAsync()).ShouldBeTrue();
        follow.Current.ShouldBe(All[1]);
        next = follow.MoveNextAsync().AsTask();
        channel.Began();
        (await next).ShouldBeTrue();
        follow.Current.ShouldBeNull();
    }
}
