using System.Text.Json;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class ApplyDocumentsTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task New_documents_are_created_the_same_again_are_unchanged_and_the_version_rises_only_on_change()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();

        var first = await weir.ApplyAsync(o.Admin, SampleDocuments.All);
        first.Results.Select(r => r.Action).ShouldAllBe(a => a == "created");
        first.Version.ShouldBe(1);

        var same = await weir.ApplyAsync(o.Admin, SampleDocuments.All);
        same.Results.Select(r => r.Action).ShouldAllBe(a => a == "unchanged");
        same.Version.ShouldBe(1);

        var changed = await weir.ApplyAsync(o.Admin, SampleDocuments.Connection, SampleDocuments.EngineersStanding.Replace("\"write\"", "\"admin\"", StringComparison.Ordinal));
        changed.Results.Select(r => (r.Name, r.Action)).ShouldBe([("orders", "unchanged"), ("engineers-orders", "changed")]);
        changed.Results[1].Changes.ShouldBe(["spec.access"]);
        changed.Version.ShouldBe(2);
    }

    [Fact]
    public async Task Changed_labels_are_named()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.Connection);

        var changed = await weir.ApplyAsync(o.Admin, SampleDocuments.Connection.Replace("\"prod\"", "\"dev\"", StringComparison.Ordinal));

        changed.Results.ShouldHaveSingleItem().Changes.ShouldBe(["metadata.labels.env"]);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change_and_changes_nothing()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.Connection);

        var dry = await weir.SendAsync(o.Admin, TestControlPlane.Apply(true, SampleDocuments.All));

        dry.Version.ShouldBe(1);
        dry.Results.Select(r => r.Action).ShouldBe(["unchanged", "created", "created", "created", "created"]);
        (await weir.SendAsync(o.Admin, new ListDocuments.Query())).Items.ShouldHaveSingleItem().Metadata.Name.ShouldBe("orders");
    }

    [Fact]
    public async Task An_unknown_key_is_named_with_its_place_and_nothing_of_the_set_is_applied()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var wrong = SampleDocuments.NoDestructiveDdl.Replace("\"message\"", "\"mesage\"", StringComparison.Ordinal);

        var refused = await Should.ThrowAsync<ValidationFailedException>(() => weir.ApplyAsync(o.Admin, SampleDocuments.Connection, wrong));

        refused.Faults.ShouldContain(f => f.Path.StartsWith("documents[1]", StringComparison.Ordinal) && (f.Path + f.Message).Contains("mesage", StringComparison.Ordinal));
        (await weir.SendAsync(o.Admin, new ListDocuments.Query())).Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("\"drop\"", "\"drob\"", "drob")]
    [InlineData("\"Guardrail\"", "\"Guardrial\"", "Guardrial")]
    [InlineData("\"deny\"", "\"refuse\"", "refuse")]
    [InlineData("weir/v1", "weir/v9", "weir/v9")]
    public async Task An_unknown_effect_kind_action_or_version_is_named(string right, string wrong, string named)
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();

        var refused = await Should.ThrowAsync<ValidationFailedException>(() =>
            weir.ApplyAsync(o.Admin, SampleDocuments.NoDestructiveDdl.Replace(right, wrong, StringComparison.Ordinal)));

        refused.Message.ShouldContain(named);
    }

    [Fact]
    public async Task Two_documents_of_one_kind_and_name_in_a_set_are_refused()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();

        var refused = await Should.ThrowAsync<ValidationFailedException>(() => weir.ApplyAsync(o.Admin, SampleDocuments.Connection, SampleDocuments.Connection));

        refused.Faults.ShouldHaveSingleItem().Path.ShouldBe("documents[1].metadata.name");
    }

    [Fact]
    public async Task A_stored_secret_goes_in_and_never_comes_out_except_to_the_agent()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        await weir.ApplyAsync(o.Admin, SampleDocuments.ConnectionWithStoredPassword("very secret"));

        var shown = await weir.SendAsync(o.Admin, new GetDocument.Query("Connection", "orders"));
        JsonSerializer.Serialize(shown).ShouldNotContain("very secret");
        shown.Spec.GetProperty("upstream").GetProperty("password").TryGetProperty("stored", out _).ShouldBeTrue();
        (await weir.SendAsync(o.Agent, new CompileSnapshot.Query())).StoredSecrets["orders"].Values["password"].ShouldBe("very secret");
        (await weir.Database.QueryAsync<string>("SELECT encode(protected_value, 'escape') FROM document_secrets"))[0].ShouldNotContain("very secret");
        foreach (var table in new[] { "policy_documents", "audit_events", "document_secrets" })
        {
            (await weir.Database.QueryAsync<string>($"SELECT t::text FROM {table} t")).ShouldAllBe(row => !row.Contains("very secret"));
        }
    }

    [Fact]
    public async Task What_was_shown_can_be_applied_again_and_keeps_the_stored_secret()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        await weir.ApplyAsync(o.Admin, SampleDocuments.ConnectionWithStoredPassword("very secret"));
        var shown = await weir.SendAsync(o.Admin, new GetDocument.Query("Connection", "orders"));
        var text = $$"""{ "apiVersion": "weir/v1", "kind": "Connection", "metadata": { "name": "orders" }, "spec": {{shown.Spec.GetRawText()}} }""";

        var again = await weir.ApplyAsync(o.Admin, text);

        again.Results.ShouldHaveSingleItem().Action.ShouldBe("unchanged");
        (await weir.SendAsync(o.Agent, new CompileSnapshot.Query())).StoredSecrets["orders"].Values["password"].ShouldBe("very secret");
    }

    [Fact]
    public async Task Another_secret_is_a_change_and_the_same_is_none()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.ConnectionWithStoredPassword("first"));

        (await weir.ApplyAsync(o.Admin, SampleDocuments.ConnectionWithStoredPassword("first"))).Version.ShouldBe(1);
        var changed = await weir.ApplyAsync(o.Admin, SampleDocuments.ConnectionWithStoredPassword("second"));

        changed.Version.ShouldBe(2);
        changed.Results[0].Changes.ShouldBe(["spec.upstream.password.stored"]);
        (await weir.SendAsync(o.Agent, new CompileSnapshot.Query())).StoredSecrets["orders"].Values["password"].ShouldBe("second");
    }

    [Fact]
    public async Task A_stored_client_certificate_and_those_of_the_read_only_role_are_secrets_of_their_own()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        await weir.ApplyAsync(o.Admin, WithCertificates("\"certificate\"", "\"key one\"", "\"reader certificate\"", "\"reader key\""));

        (await weir.SendAsync(o.Agent, new CompileSnapshot.Query())).StoredSecrets["orders"].Values.OrderBy(v => v.Key, StringComparer.Ordinal).ShouldBe(
            [new("clientCertificate", "certificate"), new("clientKey", "key one"), new("readOnlyClientCertificate", "reader certificate"), new("readOnlyClientKey", "reader key")]);
        JsonSerializer.Serialize(await weir.SendAsync(o.Admin, new GetDocument.Query("Connection", "orders"))).ShouldNotContain("key one");

        var changed = await weir.ApplyAsync(o.Admin, WithCertificates("{}", "{}", "{}", "\"another\""));
        changed.Results[0].Changes.ShouldBe(["spec.upstream.readOnly.clientKey.stored"]);
        var now = (await weir.SendAsync(o.Agent, new CompileSnapshot.Query())).StoredSecrets["orders"].Values;
        now["readOnlyClientKey"].ShouldBe("another");
        now["clientKey"].ShouldBe("key one");
    }

    private static string WithCertificates(string certificate, string key, string readersCertificate, string readersKey) => $$"""
        { "apiVersion": "weir/v1", "kind": "Connection", "metadata": { "name": "orders" }, "spec": { "agents": { "names": ["edge"] },
            "upstream": { "host": "db", "database": "orders", "tls": "verify-full", "user": "app", "clientCertificate": { "stored": {{certificate}} }, "clientKey": { "stored": {{key}} },
              "readOnly": { "user": "reader", "clientCertificate": { "stored": {{readersCertificate}} }, "clientKey": { "stored": {{readersKey}} } } } } }
        """;

    [Fact]
    public async Task A_dry_run_of_another_secret_stores_nothing()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.ConnectionWithStoredPassword("first"));

        await weir.SendAsync(o.Admin, TestControlPlane.Apply(true, SampleDocuments.ConnectionWithStoredPassword("second")));

        (await weir.SendAsync(o.Agent, new CompileSnapshot.Query())).StoredSecrets["orders"].Values["password"].ShouldBe("first");
    }

    [Fact]
    public async Task A_secret_that_is_to_be_kept_must_be_there()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();

        var refused = await Should.ThrowAsync<ValidationFailedException>(() => weir.ApplyAsync(o.Admin, SampleDocuments.ConnectionWithStoredPassword("")));

        refused.Faults[0].Path.ShouldBe("documents[0].spec.upstream.password.stored");
    }

    [Fact]
    public async Task A_connection_that_changes_to_another_source_forgets_the_stored_secret()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.ConnectionWithStoredPassword("first"));
        await weir.ApplyAsync(o.Admin, SampleDocuments.Connection);

        (await weir.Database.QueryAsync<long>("SELECT count(*) FROM document_secrets"))[0].ShouldBe(0);
        (await weir.SendAsync(o.Agent, new CompileSnapshot.Query())).StoredSecrets.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deleted_connection_takes_its_secret_with_it_and_a_new_one_of_the_name_does_not_get_it()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.ConnectionWithStoredPassword("first"));

        (await weir.SendAsync(o.Admin, new DeleteDocument.Command("Connection", "orders"))).Version.ShouldBe(2);

        (await weir.Database.QueryAsync<long>("SELECT count(*) FROM document_secrets"))[0].ShouldBe(0);
        await Should.ThrowAsync<ValidationFailedException>(() => weir.ApplyAsync(o.Admin, SampleDocuments.ConnectionWithStoredPassword("")));
    }

    [Fact]
    public async Task Deleting_what_is_not_there_is_not_found_and_raises_no_version()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.Connection);

        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Admin, new DeleteDocument.Command("Connection", "other")));

        (await weir.SendAsync(o.Agent, new CompileSnapshot.Query())).Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_snapshot_holds_all_rules_but_only_the_connections_of_the_asking_agent()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        await weir.ApplyAsync(o.Admin, SampleDocuments.ConnectionWithStoredPassword("other", "elsewhere").Replace("\"edge\"", "\"another\"", StringComparison.Ordinal));

        var snapshot = await weir.SendAsync(o.Agent, new CompileSnapshot.Query());

        snapshot.Version.ShouldBe(2);
        snapshot.Documents.Where(d => d.Kind == "Connection").Select(d => d.Name).ShouldBe(["orders"]);
        snapshot.Documents.Count.ShouldBe(SampleDocuments.All.Length);
        snapshot.Documents.Select(d => (d.Kind, d.Name)).ShouldBe(snapshot.Documents.Select(d => (d.Kind, d.Name)).OrderBy(d => d.Kind, StringComparer.Ordinal).ThenBy(d => d.Name, StringComparer.Ordinal));
        snapshot.StoredSecrets.ShouldBeEmpty();
        snapshot.MaskingKey.Length.ShouldBe(32);
        snapshot.Settings.ConsoleUrl.ShouldBe("https://weir.example");
    }

    [Fact]
    public async Task The_masking_key_stays_the_same_from_snapshot_to_snapshot_and_differs_between_organizations()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var one = await weir.CreateOrganizationAsync("one", SampleDocuments.Connection);
        var two = await weir.CreateOrganizationAsync("two", SampleDocuments.Connection);

        var key = (await weir.SendAsync(one.Agent, new CompileSnapshot.Query())).MaskingKey.ToArray();

        (await weir.SendAsync(one.Agent, new CompileSnapshot.Query())).MaskingKey.ToArray().ShouldBe(key);
        (await weir.SendAsync(two.Agent, new CompileSnapshot.Query())).MaskingKey.ToArray().ShouldNotBe(key);
    }

    [Fact]
    public async Task Pages_hold_every_document_once_and_a_foreign_position_is_refused()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        await Paging.HoldsEveryItemOnce(SampleDocuments.All.Length, d => d.Id, (after, limit) => weir.SendAsync(o.Admin, new ListDocuments.Query(null, after, limit)));
        await Paging.HoldsEveryItemOnce(3, d => d.Id, (after, limit) => weir.SendAsync(o.Admin, new ListDocuments.Query("AccessRule", after, limit)));
        (await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Admin, new ListDocuments.Query(After: "nonsense")))).Faults[0].Path.ShouldBe("after");
    }

    [Fact]
    public async Task Only_an_administrator_applies_and_everybody_else_is_told_so()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        foreach (var actor in new[] { o.Dev, o.Dba, o.Assistant, o.Service, o.Agent, Actor.Anonymous, Actor.SystemOf(o.Id) })
        {
            await Should.ThrowAsync<ForbiddenException>(() => weir.ApplyAsync(actor, SampleDocuments.Connection));
        }
    }

    [Fact]
    public async Task Every_change_is_in_the_audit_log_and_agents_hear_of_the_new_version()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        using var signals = weir.Signals.Subscribe(new Domain.Organizations.OrganizationId(o.Id));
        await weir.ApplyAsync(o.Admin, SampleDocuments.Connection);
        await weir.ApplyAsync(o.Admin, SampleDocuments.Connection);
        await weir.SendAsync(o.Admin, new DeleteDocument.Command("Connection", "orders"));
        signals.Dispose();

        var told = new List<long>();
        await foreach (var signal in signals.ReadAllAsync(TestControlPlane.Cancellation))
        {
            if (signal is not AuditChanged)
            {
                told.Add(signal.ShouldBeOfType<PolicyChanged>().Version);
            }
        }

        told.ShouldBe([1, 2]);
        var events = (await weir.SendAsync(o.Admin, new ListAuditEvents.Query(Action: "document."))).Items;
        events.Select(e => e.Action).ShouldBe(["document.delete", "document.apply"]);
        events[1].AfterDigest.ShouldBe(events[0].BeforeDigest);
        events[1].Actor.ShouldBe("admin@weir.example");
    }
}
