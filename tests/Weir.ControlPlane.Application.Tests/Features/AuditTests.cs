using Npgsql;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class AuditTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task What_nobody_touched_is_found_whole()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);

        var verified = await weir.SendAsync(o.Admin, new VerifyAudit.Command());

        verified.Ok.ShouldBeTrue();
        verified.AuditEvents.Checked.ShouldBeGreaterThan(10);
        verified.Sessions.Checked.ShouldBe(2);
        verified.Seals.Checked.ShouldBe(2);
        (await weir.SendAsync(o.Admin, new VerifyAudit.Command())).AuditEvents.Checked.ShouldBe(verified.AuditEvents.Checked + 1);
    }

    [Theory]
    [InlineData("UPDATE audit_events SET actor_name = 'somebody else' WHERE sequence = 3")]
    [InlineData("UPDATE audit_events SET details = '{}' WHERE sequence = (SELECT max(sequence) FROM audit_events WHERE details <> '{}')")]
    [InlineData("UPDATE audit_events SET at = at + interval '1 microsecond' WHERE sequence = 3")]
    [InlineData("DELETE FROM audit_events WHERE sequence = 3")]
    [InlineData("DELETE FROM audit_events WHERE sequence = (SELECT max(sequence) FROM audit_events)")]
    [InlineData("DELETE FROM audit_events WHERE sequence = 1")]
    public async Task A_changed_or_missing_audit_event_is_found(string manipulation)
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);
        (await weir.Database.ExecuteAsync(manipulation)).ShouldBe(1);

        var verified = await weir.SendAsync(o.Admin, new VerifyAudit.Command());

        verified.Ok.ShouldBeFalse();
        verified.AuditEvents.Broken.ShouldNotBeEmpty();
        verified.Sessions.Broken.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("UPDATE session_events SET body = 'x' WHERE sequence = 2")]
    [InlineData("UPDATE session_events SET body = 'x', hash = sha256('x') WHERE sequence = 2")]
    [InlineData("DELETE FROM session_events WHERE sequence = 8")]
    [InlineData("DELETE FROM session_events WHERE sequence = 2")]
    [InlineData("UPDATE sessions SET last_sequence = 7")]
    [InlineData("DELETE FROM session_events; DELETE FROM session_statements; DELETE FROM sessions")]
    public async Task A_changed_or_missing_event_of_a_recording_is_found(string manipulation)
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);
        (await weir.Database.ExecuteAsync(manipulation)).ShouldBeGreaterThan(0);

        var verified = await weir.SendAsync(o.Admin, new VerifyAudit.Command());

        verified.Ok.ShouldBeFalse();
        verified.Sessions.Broken.ShouldNotBeEmpty();
        verified.AuditEvents.Broken.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("DELETE FROM session_seals WHERE number = 1")]
    [InlineData("DELETE FROM session_seals WHERE number = 2")]
    [InlineData("UPDATE session_seals SET last_hash = sha256('x') WHERE number = 1")]
    [InlineData("UPDATE session_seals SET signature = sha512('x') WHERE number = 1")]
    public async Task A_changed_or_missing_seal_is_found(string manipulation)
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);
        (await weir.Database.ExecuteAsync(manipulation)).ShouldBe(1);

        var verified = await weir.SendAsync(o.Admin, new VerifyAudit.Command());

        verified.Ok.ShouldBeFalse();
        verified.Seals.Broken.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task One_recording_can_be_verified_alone()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);
        var sessions = (await weir.SendAsync(o.Admin, new ListSessions.Query())).Items;
        await weir.Database.ExecuteAsync($"UPDATE session_events SET body = 'x' WHERE sequence = 2 AND session_id = '{sessions[0].Id}'");

        (await weir.SendAsync(o.Admin, new VerifyAudit.Command(sessions[0].Id))).Ok.ShouldBeFalse();
        (await weir.SendAsync(o.Admin, new VerifyAudit.Command(sessions[1].Id))).Ok.ShouldBeTrue();
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Admin, new VerifyAudit.Command(Guid.NewGuid())));
    }

    [Theory]
    [InlineData("audit_events")]
    [InlineData("session_events")]
    [InlineData("session_seals")]
    public async Task The_servers_own_role_can_not_change_or_remove_what_was_written(string table)
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await RecordedAsync(weir);
        await using var connection = new NpgsqlConnection(weir.Database.ServerConnection);
        await connection.OpenAsync(TestControlPlane.Cancellation);
        foreach (var sql in new[] { $"DELETE FROM {table}", $"UPDATE {table} SET hash = hash", $"TRUNCATE {table}" })
        {
            await using var transaction = await connection.BeginTransactionAsync(TestControlPlane.Cancellation);
            await using var command = new NpgsqlCommand($"SET LOCAL weir.organization_id = '{o.Id}'; {sql}", connection, transaction);
            int changed;
            try
            {
                changed = await command.ExecuteNonQueryAsync(TestControlPlane.Cancellation);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                changed = 0;
            }

            changed.ShouldBeLessThanOrEqualTo(0, sql);
        }

        (await weir.SendAsync(o.Admin, new VerifyAudit.Command())).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task Members_do_not_read_the_audit_log_and_an_auditor_does()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dev, new ListAuditEvents.Query()));
        await weir.SendAsync(o.Admin, new SetRoles.Command(o.Dev.Id!.Value, ["auditor"]));
        var auditor = await weir.SignInAsync(o.Tokens["dev@weir.example"]);

        (await weir.SendAsync(auditor, new ListAuditEvents.Query(Action: "principal.set_roles"))).Items.ShouldHaveSingleItem().TargetId.ShouldBe(o.Dev.Id.Value.ToString());
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(auditor, new SetRoles.Command(o.Dev.Id!.Value, ["administrator"])));
    }

    [Fact]
    public async Task Pages_hold_every_event_once()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var count = (int)(await weir.Database.QueryAsync<long>("SELECT count(*) FROM audit_events"))[0];
        await Paging.HoldsEveryItemOnce(count, e => e.Id, (after, limit) => weir.SendAsync(o.Admin, new ListAuditEvents.Query(After: after, Limit: limit)));
    }

    [Fact]
    public async Task Changes_at_the_same_moment_make_one_chain_without_a_gap()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => weir.SendAsync(o.Admin, new CreatePrincipal.Command("service_account", $"machine-{i}")))));

        (await weir.SendAsync(o.Admin, new VerifyAudit.Command())).Ok.ShouldBeTrue();
    }

    private static async Task<TestOrganization> RecordedAsync(TestControlPlane weir)
    {
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        await weir.SendAsync(o.Agent, new IngestEvents.Command(new SampleRecording(weir, o, o.Dev).Whole().Events));
        await weir.SendAsync(o.Agent, new IngestEvents.Command(new SampleRecording(weir, o, o.Assistant).Whole().Events));
        return o;
    }
}
