using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Delivery;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class CredentialTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task With_a_standing_right_it_lasts_an_hour_and_says_where_to_connect()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        await weir.SendAsync(o.Agent, new ConnectAgent.Command("0.1.0", [], 1, "127.0.0.1:6433", []));

        var issued = await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));

        issued.ExpiresAt.ShouldBe(weir.Time.GetUtcNow().AddHours(1));
        issued.Grant.ShouldBeNull();
        issued.Warnings.ShouldBeEmpty();
        issued.DirectUrl.ShouldBe($"postgresql://{issued.Id}:{issued.Secret}@127.0.0.1:6433/orders");
        issued.RelayUrl.ShouldBe($"postgresql://{issued.Id}:{issued.Secret}@relay.example:6432/orders");
        weir.Delivery.LastAgents.Select(a => a.Value).ShouldBe([o.Agent.Id!.Value]);
    }

    [Fact]
    public async Task The_agent_gets_the_verifier_the_principal_and_its_groups_and_never_the_secret()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var issued = await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));

        var delta = await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null));

        var got = delta.Credentials.ShouldHaveSingleItem();
        got.Id.ShouldBe(issued.Id);
        got.Principal.Name.ShouldBe("dev@weir.example");
        got.Principal.Groups.ShouldBe(["engineers"]);
        got.ScramVerifier.ShouldStartWith("SCRAM-SHA-256$4096:");
        delta.IsFull.ShouldBeTrue();
        delta.Sequence.ShouldBe(weir.Delivery.LastSequence);
        (await weir.Database.QueryAsync<string>("SELECT t::text FROM access_credentials t UNION ALL SELECT t::text FROM audit_events t")).ShouldAllBe(r => !r.Contains(issued.Secret));
    }

    [Fact]
    public async Task Of_a_client_certificate_the_hash_of_its_key_is_kept_and_reaches_the_agent()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=dev", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        var hash = SHA256.HashData(key.ExportSubjectPublicKeyInfo());

        var issued = await weir.SendAsync(o.Dev, new IssueCredential.Command("orders", ClientCertificate: certificate.ExportCertificatePem()));
        var plain = await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));

        var got = (await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null))).Credentials;
        got.Single(c => c.Id == issued.Id).ClientKeyHash.ToArray().ShouldBe(hash);
        got.Single(c => c.Id == plain.Id).ClientKeyHash.IsEmpty.ShouldBeTrue();
        (await weir.SendAsync(o.Dev, new ListCredentials.Query())).Items.Select(c => c.ClientKey).ShouldBe([Convert.ToHexStringLower(hash), null], ignoreOrder: true);
        (await weir.Database.QueryAsync<string>("SELECT t::text FROM audit_events t")).ShouldContain(r => r.Contains(Convert.ToHexStringLower(hash)));

        foreach (var wrong in new[] { "", "rubbish", key.ExportSubjectPublicKeyInfoPem(), key.ExportPkcs8PrivateKeyPem(), new string('x', 40_000) })
            await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Dev, new IssueCredential.Command("orders", ClientCertificate: wrong)));
    }

    [Fact]
    public async Task Later_changes_come_as_a_delta()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var first = await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));
        var full = await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null));
        var second = await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));
        await weir.SendAsync(o.Dev, new RevokeCredential.Command(first.Id));

        var delta = await weir.SendAsync(o.Agent, new CompileCredentials.Query(full.Sequence, full.Connections));

        delta.IsFull.ShouldBeFalse();
        delta.Credentials.Single(c => c.Id == second.Id).ExpiresAt.ShouldBe(second.ExpiresAt);
        delta.Credentials.Single(c => c.Id == first.Id).ExpiresAt.ShouldBe(DateTimeOffset.UnixEpoch, "revoked, whatever the agent's clock says");
        delta.Credentials.Count.ShouldBe(2);
        (await weir.SendAsync(o.Agent, new CompileCredentials.Query(delta.Sequence, delta.Connections))).Credentials.ShouldBeEmpty();
    }

    [Fact]
    public async Task New_groups_travel_to_the_agents_with_the_credentials_of_the_principal()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));
        var full = await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null));

        await weir.SendAsync(o.Admin, new SetGroups.Command(o.Dev.Id!.Value, ["analysts", "engineers"]));

        (await weir.SendAsync(o.Agent, new CompileCredentials.Query(full.Sequence, full.Connections))).Credentials.ShouldHaveSingleItem()
            .Principal.Groups.ShouldBe(["analysts", "engineers"], ignoreOrder: true);
    }

    [Fact]
    public async Task Without_a_right_the_credential_opens_nothing_and_says_so()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);

        var issued = await weir.SendAsync(o.Support, new IssueCredential.Command("orders"));

        issued.Grant.ShouldBeNull();
        issued.Warnings.ShouldHaveSingleItem().ShouldContain("weir requests create");
        (await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null))).Grants.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(DeliveryOutcome.NoAgentConnected, "connected")]
    [InlineData(DeliveryOutcome.TimedOut, "confirmed")]
    public async Task Late_agents_are_a_warning_and_no_failure(DeliveryOutcome outcome, string said)
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        weir.Delivery.Outcome = outcome;
        (await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"))).Warnings.ShouldHaveSingleItem().ShouldContain(said);
    }

    [Fact]
    public async Task One_issues_for_oneself_and_ones_ai_agents_and_an_administrator_for_everybody()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);

        (await weir.SendAsync(o.Dev, new IssueCredential.Command("orders", "assistant"))).Principal.ShouldBe("assistant");
        (await weir.SendAsync(o.Admin, new IssueCredential.Command("orders", "dev@weir.example"))).Principal.ShouldBe("dev@weir.example");
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Support, new IssueCredential.Command("orders", "assistant")));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Assistant, new IssueCredential.Command("orders", "dev@weir.example")));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dev, new IssueCredential.Command("orders", "nobody")));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Admin, new IssueCredential.Command("orders", "nobody")));
    }

    [Fact]
    public async Task Wrong_connections_and_too_long_times_are_refused()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);

        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Dev, new IssueCredential.Command("other")));
        await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Dev, new IssueCredential.Command("orders", null, TimeSpan.FromDays(31))));
        await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Dev, new IssueCredential.Command("orders", null, TimeSpan.Zero)));
        (await weir.SendAsync(o.Admin, new IssueCredential.Command("orders", "etl", TimeSpan.FromDays(300)))).ExpiresAt.ShouldBe(weir.Time.GetUtcNow().AddDays(300));
    }

    [Fact]
    public async Task A_disabled_principal_gets_nothing_and_loses_what_it_had()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));
        await weir.SendAsync(o.Dev, new IssueCredential.Command("orders", "assistant"));
        var full = await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null));

        await weir.SendAsync(o.Admin, new DisablePrincipal.Command(o.Dev.Id!.Value));

        var delta = await weir.SendAsync(o.Agent, new CompileCredentials.Query(full.Sequence, full.Connections));
        delta.Credentials.Count.ShouldBe(2);
        delta.Credentials.ShouldAllBe(c => c.ExpiresAt == DateTimeOffset.UnixEpoch);
        (await weir.SendAsync(Actor.Anonymous, new Application.Features.Tokens.AuthenticateToken.Command(o.Tokens["dev@weir.example"]))).Actor.ShouldBeNull();
        (await weir.SendAsync(Actor.Anonymous, new Application.Features.Tokens.AuthenticateToken.Command(o.Tokens["assistant"]))).Actor.ShouldBeNull();
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Admin, new IssueCredential.Command("orders", "dev@weir.example")));
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Admin, new IssueCredential.Command("orders", "assistant")));

        await weir.SendAsync(o.Admin, new EnablePrincipal.Command(o.Dev.Id!.Value));
        (await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null))).Credentials.ShouldAllBe(c => c.ExpiresAt == DateTimeOffset.UnixEpoch);
        (await weir.SendAsync(Actor.Anonymous, new Application.Features.Tokens.AuthenticateToken.Command(o.Tokens["dev@weir.example"]))).Actor.ShouldBeNull();
    }

    [Fact]
    public async Task Others_do_not_see_or_revoke_a_credential()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var issued = await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));

        (await weir.SendAsync(o.Support, new ListCredentials.Query())).Items.ShouldBeEmpty();
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new RevokeCredential.Command(issued.Id)));
        (await weir.SendAsync(o.Admin, new ListCredentials.Query())).Items.ShouldHaveSingleItem().Id.ShouldBe(issued.Id);
        await weir.SendAsync(o.Admin, new RevokeCredential.Command(issued.Id));
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Dev, new RevokeCredential.Command(issued.Id)));
        (await weir.SendAsync(o.Dev, new ListCredentials.Query())).Items.ShouldBeEmpty();
        (await weir.SendAsync(o.Dev, new ListCredentials.Query(All: true))).Items.ShouldHaveSingleItem().Status.ShouldBe("revoked");
    }

    [Fact]
    public async Task Pages_of_the_list_hold_every_credential_once()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        for (var i = 0; i < 5; i++)
        {
            await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));
        }

        await weir.SendAsync(o.Admin, new SetGroups.Command(o.Dev.Id!.Value, ["analysts"]));
        await Paging.HoldsEveryItemOnce(5, c => c.Id, (after, limit) => weir.SendAsync(o.Dev, new ListCredentials.Query(After: after, Limit: limit)));
    }

    [Fact]
    public async Task The_relay_finds_the_agents_of_a_credential_and_nothing_for_an_unknown_one()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var issued = await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));

        foreach (var database in new[] { "orders", "orders/other", "no-such-connection" })
        {
            var route = await weir.SendAsync(Actor.Anonymous, new FindRoute.Query(issued.Id, database));
            route.OrganizationId.ShouldBe(o.Id);
            route.Connection.ShouldBe("orders");
            route.Agents.ShouldBe([o.Agent.Id!.Value]);
        }

        foreach (var unknown in new[] { "", "postgres", "w_" + new string('a', 26), issued.Id + "x", "w_'; DROP TABLE agents; --aa" })
        {
            (await weir.SendAsync(Actor.Anonymous, new FindRoute.Query(unknown, "orders"))).OrganizationId.ShouldBeNull();
        }
    }

    [Fact]
    public async Task An_ended_credential_is_told_apart_from_an_unknown_one_for_a_week_and_then_forgotten()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var issued = await weir.SendAsync(o.Dev, new IssueCredential.Command("orders"));
        weir.Time.Advance(TimeSpan.FromHours(1));

        (await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null))).Credentials.ShouldHaveSingleItem().ExpiresAt.ShouldBe(issued.ExpiresAt);
        (await weir.SendAsync(o.Dev, new ListCredentials.Query())).Items.ShouldBeEmpty();
        weir.Time.Advance(TimeSpan.FromDays(7));
        (await weir.SendAsync(o.Agent, new CompileCredentials.Query(0, null))).Credentials.ShouldBeEmpty();
    }
}
