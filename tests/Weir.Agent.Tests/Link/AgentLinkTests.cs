using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Weir.Agent.Recording;
using Weir.Agent.Tests.Recording;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.Testing;

namespace Weir.Agent.Tests.Link;

public sealed class AgentLinkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Hello_says_what_the_agent_has_and_where_it_is()
    {
        await using var fixture = await LinkFixture.StartAsync(connects: false);
        var live = Guid.NewGuid();
        fixture.Sessions.Live.Add(live);
        fixture.Connect();
        var link = await fixture.Plane.NextLinkAsync();
        link.Hello.SnapshotVersion.ShouldBe(0);
        link.Hello.CredentialsSequence.ShouldBe(0);
        link.Hello.AdvertisedEndpoint.ShouldBe("agent.example.com:6433");
        link.Hello.Labels["env"].ShouldBe("test");
        link.Hello.LiveSessionIds.ShouldBe([ContractMapping.ToBytes(live)]);
        (await link.ReceiveAsync(AgentMessage.BodyOneofCase.Heartbeat)).Heartbeat.SpoolCapacityBytes.ShouldBe(fixture.Spool.CapacityBytes);
    }

    [Fact]
    public async Task A_good_snapshot_is_in_force_when_it_is_acknowledged()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        await link.SendAsync(new ControlMessage { Snapshot = fixture.Snapshot(3, Snapshots.Connection("orders")) });
        (await link.ReceiveAsync(AgentMessage.BodyOneofCase.SnapshotAck)).SnapshotAck.Version.ShouldBe(3);
        fixture.Policies.Current!.FindConnection("orders").ShouldNotBeNull();
        fixture.Policies.IsUsable(Weir.Policy.Access.PrincipalKind.User).ShouldBeTrue();
    }

    [Fact]
    public async Task A_bad_snapshot_is_refused_whole_with_a_reason_and_the_good_one_stays()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        await link.SendAsync(new ControlMessage { Snapshot = fixture.Snapshot(3) });
        await link.ReceiveAsync(AgentMessage.BodyOneofCase.SnapshotAck);

        await link.SendAsync(new ControlMessage { Snapshot = fixture.Snapshot(4, Snapshots.Connection("orders"), Snapshots.Broken("boom")) });
        var nack = (await link.ReceiveAsync(AgentMessage.BodyOneofCase.SnapshotNack)).SnapshotNack;
        nack.Version.ShouldBe(4);
        nack.Reason.ShouldContain("boom");
        nack.Reason.ShouldContain("explode");
        fixture.Policies.Current!.Version.ShouldBe(3);
    }

    [Fact]
    public async Task A_snapshot_that_was_changed_on_the_way_is_refused()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        var snapshot = fixture.Snapshot(3, Snapshots.Connection("orders"));
        snapshot.Documents.Clear();
        await link.SendAsync(new ControlMessage { Snapshot = snapshot });
        (await link.ReceiveAsync(AgentMessage.BodyOneofCase.SnapshotNack)).SnapshotNack.Reason.ShouldContain("digest");
        fixture.Policies.Current.ShouldBeNull();
    }

    [Fact]
    public async Task A_snapshot_of_another_organization_or_of_yesterday_is_refused()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        await link.SendAsync(new ControlMessage { Snapshot = Snapshots.Make(Guid.NewGuid(), 3) });
        (await link.ReceiveAsync(AgentMessage.BodyOneofCase.SnapshotNack)).SnapshotNack.Reason.ShouldContain("organization");
        await link.SendAsync(new ControlMessage { Snapshot = fixture.Snapshot(9) });
        await link.ReceiveAsync(AgentMessage.BodyOneofCase.SnapshotAck);
        await link.SendAsync(new ControlMessage { Snapshot = fixture.Snapshot(8) });
        (await link.ReceiveAsync(AgentMessage.BodyOneofCase.SnapshotNack)).SnapshotNack.Reason.ShouldContain("older");
        fixture.Policies.Current!.Version.ShouldBe(9);
    }

    [Fact]
    public async Task Credentials_are_in_force_when_they_are_acknowledged_and_a_gap_brings_a_new_connection()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        await link.SendAsync(new ControlMessage { Credentials = new CredentialsDelta { Sequence = 5, IsFull = true, Credentials = { Credential("a") } } });
        (await link.ReceiveAsync(AgentMessage.BodyOneofCase.CredentialsAck)).CredentialsAck.Sequence.ShouldBe(5);
        fixture.Credentials.TryFind("a", out _).ShouldBeTrue();
        await link.SendAsync(new ControlMessage { Credentials = new CredentialsDelta { Sequence = 6, Credentials = { Credential("b") }, RemovedCredentialIds = { "a" } } });
        await link.ReceiveAsync(AgentMessage.BodyOneofCase.CredentialsAck);
        fixture.Credentials.TryFind("a", out _).ShouldBeFalse();
        fixture.Credentials.TryFind("b", out _).ShouldBeTrue();

        await link.SendAsync(new ControlMessage { Credentials = new CredentialsDelta { Sequence = 8, Credentials = { Credential("c") } } });
        (await fixture.Plane.NextLinkAsync()).Hello.CredentialsSequence.ShouldBe(6);
        fixture.Credentials.TryFind("c", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Events_arrive_in_order_and_leave_the_spool_when_they_are_confirmed()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        var recording = fixture.Recorder.TryOpen(SpoolFixture.Start()).ShouldNotBeNull();
        for (var statement = 1; statement <= 100; statement++)
        {
            recording.TryStatement(statement, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
            recording.Finished(statement, new StatementOutcome { Status = StatementStatus.Ok });
        }

        recording.Ended(new SessionEnd(SessionEndReason.ClientClosed, "", 0, 0));
        var received = await ReceiveEventsAsync(link, 202);
        SpoolFixture.ShouldBeChained(received);
        fixture.Spool.WaitingBytes.ShouldBeGreaterThan(0);
        await link.SendAsync(Ack(recording.SessionId, 202));
        await Eventually.HoldsAsync(() => Task.FromResult(fixture.Spool.WaitingBytes == 0), Patience, "an empty spool", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task After_the_control_plane_was_away_everything_unconfirmed_comes_in_order_and_only_twice_where_it_can_be_told()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        var recording = fixture.Recorder.TryOpen(SpoolFixture.Start()).ShouldNotBeNull();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        var before = await ReceiveEventsAsync(link, 2);

        // Sequence 1 is confirmed, 2 is not; then the control plane dies, and the session goes on.
        await link.SendAsync(Ack(recording.SessionId, 1));
        await fixture.RestartPlaneAsync();
        for (var statement = 2; statement <= 50; statement++)
            recording.TryStatement(statement, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        var again = await fixture.Plane.NextLinkAsync();
        var after = new List<ByteString>();
        while (after.Count == 0 || SessionEvent.Parser.ParseFrom(after[^1]).Sequence < 51)
            after.AddRange((await again.ReceiveAsync(AgentMessage.BodyOneofCase.Events)).Events.Events);

        var merged = before.Concat(after).DistinctBy(e => SessionEvent.Parser.ParseFrom(e).Sequence).ToList();
        SpoolFixture.ShouldBeChained(merged);
        merged.Count.ShouldBe(51);

        // What came twice is the same to the byte.
        foreach (var twice in before.Concat(after).GroupBy(e => SessionEvent.Parser.ParseFrom(e).Sequence))
            twice.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_control_plane_that_could_not_read_it()
    {
        await using var fixture = await LinkFixture.StartAsync(connects: false);
        fixture.Plane.Welcome.Capabilities.Clear();
        var recording = fixture.Recorder.TryOpen(SpoolFixture.Start()).ShouldNotBeNull();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        fixture.Connect();
        await fixture.Plane.NextLinkAsync();

        // It gave up and came again, and was never connected as far as the rest of the agent is concerned.
        await fixture.Plane.NextLinkAsync();
        fixture.Outbox.IsConnected.ShouldBeFalse();
        fixture.Spool.Flush().ShouldBeTrue();
        fixture.Spool.AcknowledgedPosition.ShouldBeLessThan(fixture.Spool.DurablePosition);
    }

    [Fact]
    public async Task More_than_the_window_is_not_sent_before_something_is_confirmed()
    {
        await using var fixture = await LinkFixture.StartAsync(connects: false);
        var recording = fixture.Recorder.TryOpen(SpoolFixture.Start()).ShouldNotBeNull();
        for (var statement = 1; statement <= 40; statement++)
            recording.TryStatement(statement, SpoolFixture.Template(new string('x', 200_000)), ParameterList.None).ShouldBeTrue();
        fixture.Connect();
        var link = await fixture.Plane.NextLinkAsync();
        var received = 0L;
        var last = 0L;
        while (last < 41)
        {
            var batch = (await link.ReceiveAsync(AgentMessage.BodyOneofCase.Events)).Events;
            received += batch.Events.Sum(e => (long)e.Length);
            last = SessionEvent.Parser.ParseFrom(batch.Events[^1]).Sequence;
            if (received > 1_900_000)
            {
                // 2 MiB is the window: what is confirmed makes room for as much again, and nothing more.
                received.ShouldBeLessThan(3_000_000);
                await link.SendAsync(Ack(recording.SessionId, last));
                received = 0;
            }
        }
    }

    [Fact]
    public async Task A_session_is_terminated_and_a_query_cancelled_by_name()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        var session = Guid.NewGuid();
        await link.SendAsync(new ControlMessage { TerminateSession = new TerminateSession { SessionId = ContractMapping.ToBytes(session), Reason = "by an administrator" } });
        (await fixture.Sessions.Terminated.Reader.ReadAsync(TestContext.Current.CancellationToken)).ShouldBe((session, "by an administrator"));
        await link.SendAsync(new ControlMessage { CancelTunnel = new CancelTunnel { ProcessId = 17, CancelKey = ByteString.CopyFrom(1, 2, 3, 4) } });
        var cancel = await fixture.Sessions.Cancelled.Reader.ReadAsync(TestContext.Current.CancellationToken);
        cancel.ProcessId.ShouldBe(17);
        cancel.Secret.ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public async Task A_control_plane_that_falls_silent_is_left_for_a_new_connection()
    {
        await using var fixture = await LinkFixture.StartAsync(connects: false);
        fixture.Plane.Welcome = new Welcome { HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100)), Capabilities = { "compact-events" } };
        fixture.Connect();
        var silent = await fixture.Plane.NextLinkAsync();
        await fixture.Plane.NextLinkAsync();
        await silent.Ended.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_agent_that_is_not_taken_keeps_trying_with_a_fresh_assertion_each_time()
    {
        await using var fixture = await LinkFixture.StartAsync(connects: false);
        var tokens = new System.Collections.Concurrent.ConcurrentQueue<string>();
        fixture.Plane.Authenticate = token =>
        {
            tokens.Enqueue(token);
            return tokens.Count < 3 ? StatusCode.Unauthenticated : null;
        };
        fixture.Connect();
        await fixture.Plane.NextLinkAsync();
        tokens.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task An_unknown_message_is_passed_over_and_one_that_means_nothing_ends_the_connection()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        await link.SendAsync(new ControlMessage());
        await link.SendAsync(new ControlMessage { TerminateSession = new TerminateSession { SessionId = ByteString.CopyFrom(1) } });
        await fixture.Plane.NextLinkAsync();
    }

    [Fact]
    public async Task Upstream_states_are_told_on_change_and_again_after_a_reconnect()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        await link.ReceiveAsync(AgentMessage.BodyOneofCase.Heartbeat);
        fixture.Statuses.Report("orders", isReachable: false, "connection refused");
        fixture.Statuses.Report("orders", isReachable: false, "connection refused");
        (await link.ReceiveAsync(AgentMessage.BodyOneofCase.ConnectionStatus)).ConnectionStatus.Detail.ShouldBe("connection refused");
        link.Close();
        var again = await fixture.Plane.NextLinkAsync();
        (await again.ReceiveAsync(AgentMessage.BodyOneofCase.ConnectionStatus)).ConnectionStatus.Reachable.ShouldBeFalse();
    }

    private static async Task<List<ByteString>> ReceiveEventsAsync(FakeLink link, int count)
    {
        var events = new List<ByteString>();
        while (events.Count < count)
            events.AddRange((await link.ReceiveAsync(AgentMessage.BodyOneofCase.Events)).Events.Events);
        events.Count.ShouldBe(count);
        return events;
    }

    private static ControlMessage Ack(Guid session, long sequence) => new()
    {
        EventsAck = new EventsAck { Positions = { new SessionPosition { SessionId = ContractMapping.ToBytes(session), Sequence = sequence } } },
    };

    private static Credential Credential(string id) => new()
    {
        Id = id,
        Principal = new PrincipalInfo { Id = ContractMapping.ToBytes(Guid.NewGuid()), Name = "ada@example.com", Kind = PrincipalKind.User },
        ScramVerifier = "SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5",
    };
}
