using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class SessionTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task A_recording_becomes_a_session_with_its_statements()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Whole();

        var stored = await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));

        stored.Positions.ShouldBe([new(recording.SessionId, recording.Events.Count)]);
        var shown = await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId));
        shown.Session.Status.ShouldBe("ended");
        shown.Session.Integrity.ShouldBe("intact");
        shown.Session.Agent.ShouldBe("edge");
        shown.Session.Context["ticket"].ShouldBe("T-7");
        (shown.Session.StatementCount, shown.Session.DeniedCount).ShouldBe((2, 1));
        shown.Statements.Select(s => (s.Sequence, s.Decision, s.Status)).ShouldBe([(1, "allow", "ok"), (2, "deny", "denied")]);
        shown.Statements[0].Parameters.ShouldBe(["7", null]);
        shown.Statements[0].Rows.ShouldBe(2);
        shown.Statements[0].DurationMs.ShouldBe(1.234);
        shown.Statements[1].SqlState.ShouldBe("42501");
        shown.Statements[1].Reasons.ShouldHaveSingleItem().Rule.ShouldBe("no-destructive-ddl");
    }

    [Fact]
    public async Task Events_may_come_one_by_one_twice_and_in_disorder()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Whole();
        foreach (var one in recording.Events)
        {
            await weir.SendAsync(o.Agent, new IngestEvents.Command([one]));
            await weir.SendAsync(o.Agent, new IngestEvents.Command([one, one]));
        }

        await weir.SendAsync(o.Agent, new IngestEvents.Command([.. recording.Events.AsEnumerable().Reverse()]));

        var shown = await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId));
        shown.Session.Integrity.ShouldBe("intact");
        shown.Statements.Count.ShouldBe(2);
        shown.Statements[0].Status.ShouldBe("ok");
        (shown.Session.StatementCount, shown.Session.DeniedCount).ShouldBe((2, 1));
        (await weir.Database.QueryAsync<long>("SELECT count(*) FROM session_events"))[0].ShouldBe(recording.Events.Count);
        (await weir.Database.QueryAsync<long>("SELECT count(*) FROM session_seals"))[0].ShouldBe(1);
    }

    [Fact]
    public async Task An_event_after_a_gap_is_not_stored_and_the_position_says_where_to_go_on()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Whole();

        var stored = await weir.SendAsync(o.Agent, new IngestEvents.Command([recording.Events[0], recording.Events[1], recording.Events[4]]));

        stored.Positions[0].Sequence.ShouldBe(2);
        (await weir.SendAsync(o.Agent, new IngestEvents.Command([recording.Events[7]]))).Positions[0].Sequence.ShouldBe(2);
        (await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events[2..]))).Positions[0].Sequence.ShouldBe(recording.Events.Count);
        (await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId))).Session.Integrity.ShouldBe("intact");
    }

    [Fact]
    public async Task A_batch_of_an_unknown_session_that_lacks_its_start_stores_nothing()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Whole();

        (await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events[1..]))).Positions.ShouldBe([new(recording.SessionId, 0)]);
        (await weir.SendAsync(o.Admin, new ListSessions.Query())).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_event_under_a_known_number_is_not_stored_and_marks_the_session()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Whole();
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));
        var forged = weir.Events.Write(new RecordedEvent(recording.SessionId, 2, weir.Time.GetUtcNow(), new byte[32], SampleRecording.Statement(1, "SELECT 1", "allow")));

        await weir.SendAsync(o.Agent, new IngestEvents.Command([forged]));

        var shown = await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId));
        shown.Session.Integrity.ShouldBe("broken");
        shown.Session.IntegrityFault.ShouldNotBeNull().ShouldContain("event 2");
        shown.Statements[0].Text.ShouldBe("SELECT id, email FROM customers");
        (await weir.SendAsync(o.Admin, new VerifyAudit.Command())).Ok.ShouldBeFalse();
    }

    [Fact]
    public async Task An_event_that_does_not_continue_the_chain_is_kept_as_evidence_and_marks_the_session()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Start();
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));
        var stray = weir.Events.Write(new RecordedEvent(recording.SessionId, 2, weir.Time.GetUtcNow(), new byte[32], SampleRecording.Statement(1, "SELECT 1", "allow")));

        (await weir.SendAsync(o.Agent, new IngestEvents.Command([stray]))).Positions[0].Sequence.ShouldBe(2);

        var shown = await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId));
        shown.Session.Integrity.ShouldBe("broken");
        shown.Statements.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_event_after_the_end_marks_the_session()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Whole();
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));
        await weir.SendAsync(o.Agent, new IngestEvents.Command([recording.Add(SampleRecording.Statement(3, "SELECT 1", "allow"))]));

        (await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId))).Session.IntegrityFault.ShouldNotBeNull().ShouldContain("after the end");
    }

    [Fact]
    public async Task A_session_of_another_agent_or_with_a_false_start_is_refused()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var token = await weir.SendAsync(o.Admin, new CreateEnrollmentToken.Command("second"));
        var second = await weir.EnrollAsync(token.Token, "second");
        var recording = new SampleRecording(weir, o, o.Dev).Start();
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(second, new IngestEvents.Command(recording.Events)));
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(second, new IngestEvents.Command(recording.Events)));
        await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Agent, new IngestEvents.Command([new byte[] { 1, 2, 3 }])));
    }

    [Fact]
    public async Task Batches_of_one_agent_sent_at_once_store_every_event_once()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recordings = Enumerable.Range(0, 4).Select(_ => new SampleRecording(weir, o, o.Dev).Whole()).ToList();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => weir.SendAsync(o.Agent, new IngestEvents.Command([.. recordings.SelectMany(r => r.Events)])))));

        (await weir.Database.QueryAsync<long>("SELECT count(*) FROM session_events"))[0].ShouldBe(recordings.Sum(r => r.Events.Count));
        (await weir.SendAsync(o.Admin, new VerifyAudit.Command())).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task A_replay_shows_what_the_client_saw_page_by_page()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Whole();
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));

        var whole = await weir.SendAsync(o.Dev, new ReplaySession.Query(recording.SessionId));
        whole.Items.Select(i => i.Type).ShouldBe(["started", "statement", "columns", "rows", "finished", "statement", "finished", "ended"]);
        whole.Next.ShouldBeNull();
        whole.Items[3].Rows.ShouldNotBeNull().Select(r => string.Join('|', r.Select(v => v ?? "NULL"))).ShouldBe(["1|***", "2|NULL"]);

        var page = await weir.SendAsync(o.Dev, new ReplaySession.Query(recording.SessionId, 3, 1));
        page.Items.ShouldHaveSingleItem().Rows.ShouldNotBeNull()[0].ShouldBe(["1", "***"]);
        page.Next.ShouldBe(4);
    }

    [Fact]
    public async Task Statements_and_answers_that_were_recorded_in_short_are_read_in_full()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Short();
        var beside = new SampleRecording(weir, o, o.Assistant).Short();

        // The statements that the others refer to are stored already when the second batch comes.
        await weir.SendAsync(o.Agent, new IngestEvents.Command([.. recording.Events[..4], .. beside.Events[..4]]));
        await weir.SendAsync(o.Agent, new IngestEvents.Command([.. recording.Events[4..], .. beside.Events[4..]]));
        (await weir.SendAsync(o.Admin, new GetSession.Query(beside.SessionId))).Statements.Select(s => s.Text).ShouldBe(["SELECT id, email FROM customers", "SELECT id, email FROM customers", "SELECT 1"]);

        var statements = (await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId))).Statements;
        statements.Select(s => s.Text).ShouldBe(["SELECT id, email FROM customers", "SELECT id, email FROM customers", "SELECT 1"]);
        statements.ShouldAllBe(s => s.Decision == "allow" && s.Relations.Contains("public.customers"));
        var whole = await weir.SendAsync(o.Dev, new ReplaySession.Query(recording.SessionId));
        whole.Items.Select(i => i.Type).ShouldBe(["started", "statement", "columns", "rows", "finished", "statement", "columns", "rows", "finished", "statement", "finished", "ended"]);
        whole.Items.Select(i => i.Id).ShouldBeUnique();
        whole.Items[5].Received.ShouldNotBeNull().Text.ShouldBe("SELECT id, email FROM customers");
        whole.Items[6].Columns.ShouldNotBeNull().Select(c => c.MaskedBy).ShouldBe([null, "pii"]);

        // A page that begins behind the event that has the columns.
        var page = await weir.SendAsync(o.Dev, new ReplaySession.Query(recording.SessionId, 4, 1));
        page.Items.Select(i => i.Type).ShouldBe(["columns", "rows", "finished"]);
        page.Items[1].Rows.ShouldNotBeNull()[0].ShouldBe(["2", "***"]);
        page.Next.ShouldBe(5);
    }

    [Fact]
    public async Task A_statement_that_refers_to_none_breaks_the_recording_and_is_kept()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Start();
        recording.Add(SampleRecording.Statement(9, "SELECT 1", "") with { SameAs = 7 });
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));

        var session = (await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId)));
        session.Session.IntegrityFault.ShouldNotBeNull().ShouldContain("statement 7, which is not there");
        session.Statements.ShouldHaveSingleItem().Text.ShouldBe("SELECT 1");
    }

    [Fact]
    public async Task An_export_gives_the_very_bytes_and_the_seal()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Whole();
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));

        var exported = await weir.SendAsync(o.Dev, new ExportSession.Query(recording.SessionId));

        exported.Events.Select(e => e.Body).ShouldBe(recording.Events.Select(e => Convert.ToBase64String(e.Span)));
        var seal = exported.Seal.ShouldNotBeNull();
        seal.LastHash.ShouldBe(exported.Events[^1].Hash);
        using var key = System.Security.Cryptography.ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(seal.PublicKey), out _);
        key.VerifyData(Convert.FromHexString(seal.Hash), Convert.FromBase64String(seal.Signature), System.Security.Cryptography.HashAlgorithmName.SHA256).ShouldBeTrue();
    }

    [Fact]
    public async Task One_sees_ones_own_sessions_and_an_auditors_look_at_others_is_written_down()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var own = new SampleRecording(weir, o, o.Dev).Whole();
        var assistants = new SampleRecording(weir, o, o.Assistant).Whole();
        await weir.SendAsync(o.Agent, new IngestEvents.Command([.. own.Events, .. assistants.Events]));

        (await weir.SendAsync(o.Dev, new ListSessions.Query())).Items.Count.ShouldBe(2);
        (await weir.SendAsync(o.Assistant, new ListSessions.Query())).Items.ShouldHaveSingleItem().OnBehalfOf.ShouldBe("dev@weir.example");
        (await weir.SendAsync(o.Support, new ListSessions.Query())).Items.ShouldBeEmpty();
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new GetSession.Query(own.SessionId)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new ReplaySession.Query(own.SessionId)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new ExportSession.Query(own.SessionId)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new KillSession.Command(own.SessionId)));

        await weir.SendAsync(o.Dev, new GetSession.Query(own.SessionId));
        await weir.SendAsync(o.Admin, new GetSession.Query(own.SessionId));
        (await weir.SendAsync(o.Admin, new ListAuditEvents.Query(Action: "session."))).Items.ShouldHaveSingleItem().Actor.ShouldBe("admin@weir.example");
    }

    [Fact]
    public async Task Filters_and_pages_of_the_list_hold_what_they_say()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        for (var i = 0; i < 5; i++)
        {
            await weir.SendAsync(o.Agent, new IngestEvents.Command(new SampleRecording(weir, o, o.Dev).Whole().Events));
        }

        await weir.SendAsync(o.Agent, new IngestEvents.Command(new SampleRecording(weir, o, o.Assistant).Start().Events));
        await Paging.HoldsEveryItemOnce(5, s => s.Id, (after, limit) => weir.SendAsync(o.Admin, new ListSessions.Query("Dev@weir.example", "orders", false, after, limit)));
        (await weir.SendAsync(o.Admin, new ListSessions.Query(Live: true))).Items.ShouldHaveSingleItem().Principal.ShouldBe("assistant");
        (await weir.SendAsync(o.Admin, new ListSessions.Query(Connection: "other"))).Items.ShouldBeEmpty();
        (await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Admin, new ListSessions.Query(After: "!!")))).Faults[0].Path.ShouldBe("after");
    }

    [Fact]
    public async Task Killing_tells_the_agent_and_an_ended_session_is_not_killed()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Start();
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));
        using var signals = weir.Signals.Subscribe(null);

        (await weir.SendAsync(o.Admin, new KillSession.Command(recording.SessionId, "maintenance"))).Status.ShouldBe("terminating");

        signals.Dispose();
        var told = new List<ClusterSignal>();
        await foreach (var signal in signals.ReadAllAsync(TestControlPlane.Cancellation))
        {
            told.Add(signal);
        }

        var termination = told.OfType<SessionTermination>().ShouldHaveSingleItem();
        (termination.Session.Value, termination.Agent.Value).ShouldBe((recording.SessionId, o.Agent.Id!.Value));
        (await weir.SendAsync(o.Agent, new ListTerminations.Query())).ShouldBe([new ListTerminations.Termination(recording.SessionId, "maintenance")]);

        recording.End(0, 0);
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Admin, new KillSession.Command(recording.SessionId)));
    }

    [Fact]
    public async Task Sessions_that_an_agent_does_not_know_any_more_are_lost_until_their_end_comes()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Start();
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));

        await weir.SendAsync(o.Agent, new ConnectAgent.Command("0.1.0", [], 0, "", []));
        (await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId))).Session.Status.ShouldBe("lost");
        await weir.SendAsync(o.Agent, new ConnectAgent.Command("0.1.0", [], 0, "", [recording.SessionId]));
        (await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId))).Session.Status.ShouldBe("live");

        await weir.SendAsync(o.Agent, new ConnectAgent.Command("0.1.0", [], 0, "", []));
        recording.End(0, 0);
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));
        (await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId))).Session.Status.ShouldBe("ended");
    }

    [Fact]
    public async Task Text_and_kinds_that_nobody_foresaw_are_kept()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var recording = new SampleRecording(weir, o, o.Dev).Start();
        recording.Add(SampleRecording.Statement(1, "SELECT '\0'", "allow"));
        recording.Add(null);
        recording.Add(new RecordedBody.Rows(1, [new byte[] { 0, 9, 1 }]));

        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));

        var replay = await weir.SendAsync(o.Dev, new ReplaySession.Query(recording.SessionId));
        replay.Items.Select(i => i.Type).ShouldBe(["started", "statement", "unknown", "rows"]);
        replay.Items[3].Rows.ShouldNotBeNull()[0].ShouldBe(["\\x000901"]);
        (await weir.SendAsync(o.Dev, new GetSession.Query(recording.SessionId))).Statements[0].Text.ShouldBe("SELECT '\uFFFD'");
    }
}
