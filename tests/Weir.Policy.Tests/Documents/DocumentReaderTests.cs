using System.Collections.Immutable;
using System.Text.Json;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Documents;

namespace Weir.Policy.Tests.Documents;

public sealed class DocumentReaderTests
{
    private static ImmutableArray<DocumentFault> FaultsOf(string kind, string spec)
    {
        using var json = JsonDocument.Parse($$"""{"apiVersion":"weir/v1","kind":"{{kind}}","metadata":{"name":"x"},"spec":{{spec}}}""");
        DocumentReader.TryRead(json.RootElement, out var read, out var faults).ShouldBeFalse();
        read.ShouldBeNull();
        return faults;
    }

    private static void ShouldFault(string kind, string spec, string path, string message)
        => FaultsOf(kind, spec).ShouldContain(f => f.Path == path && f.Message.Contains(message), string.Join(" | ", FaultsOf(kind, spec)));

    [Fact]
    public void The_connection_of_the_documentation_reads_with_its_defaults()
    {
        var connection = (ConnectionDocument)Samples.Read("""
            {"apiVersion":"weir/v1","kind":"Connection","metadata":{"name":"orders","labels":{"env":"prod"}},
             "spec":{"protocol":"postgres","agents":{"names":["quickstart"]},
                     "upstream":{"host":"127.0.0.1","database":"orders","user":"orders_app","password":{"env":"ORDERS_DB_PASSWORD"},"readOnly":{"user":"ro","password":{"file":"/run/ro"}}}}}
            """);
        connection.Metadata.Labels["env"].ShouldBe("prod");
        connection.Upstream.Port.ShouldBe(5432);
        connection.Upstream.Tls.ShouldBe(UpstreamTls.Prefer);
        connection.Upstream.Password.ShouldBe(new SecretReference(SecretSource.Env, "ORDERS_DB_PASSWORD"));
        connection.Upstream.ReadOnlyUser.ShouldBe(new UpstreamRole("ro", new SecretReference(SecretSource.File, "/run/ro")));
        connection.Upstream.TargetSessionAttributes.ShouldBe("any");
    }

    [Theory]
    [InlineData("""{"stored":"s3cret"}""", "s3cret")]
    [InlineData("""{"stored":{}}""", "")]
    [InlineData("""{"stored":true}""", "")]
    public void A_stored_password_comes_with_its_value_or_as_a_mark(string password, string reference)
    {
        var connection = (ConnectionDocument)Samples.Document("Connection", "c", $$"""{"upstream":{"host":"h","database":"d","user":"u","password":{{password}} } }""");
        connection.Upstream.Password.ShouldBe(new SecretReference(SecretSource.Stored, reference));
    }

    [Fact]
    public void A_fault_about_a_stored_password_never_quotes_it()
    {
        var faults = FaultsOf("Connection", """{"upstream":{"host":"h","database":"d","user":"u","password":{"stored":1234567}}}""");
        faults.ShouldContain(f => f.Path == "spec.upstream.password.stored");
        faults.ShouldAllBe(f => !f.Message.Contains("1234567"));
    }

    [Fact]
    public void The_guardrail_of_the_documentation_reads()
    {
        var guardrail = (GuardrailDocument)Samples.Guardrail("no-destructive-ddl", """
            {"connections":{"labels":{"env":"prod"}},"principals":{"kinds":["ai_agent"],"groups":["engineers"]},
             "when":{"effects":["drop","truncate"],"relations":["public.orders*"],"columns":["*.*.ssn"],"functions":["pg_sleep"],"withoutWhere":true,"estimatedRowsOver":10000,"statementPattern":"(?i)drop"},
             "action":"review","review":{"reviewers":["dba"],"approvals":2,"expiresAfter":"1h30m","showEffect":true},"message":"Second pair of eyes."}
            """);
        guardrail.When!.Effects.ShouldBe(Effects.Drop | Effects.Truncate);
        guardrail.When.EstimatedRowsOver.ShouldBe(10000);
        guardrail.Review.ShouldNotBeNull();
        guardrail.Review.ExpiresAfter.ShouldBe(TimeSpan.FromMinutes(90));
        guardrail.Review.Approvals.ShouldBe(2);
        guardrail.Priority.ShouldBe(0);
        guardrail.Shadow.ShouldBeFalse();
    }

    [Fact]
    public void A_review_waits_fifteen_minutes_for_one_approval_unless_it_says_otherwise()
    {
        var guardrail = (GuardrailDocument)Samples.Guardrail("g", """{"when":{"effects":["drop"]},"action":"review","review":{"reviewers":["dba"]}}""");
        guardrail.Review!.Approvals.ShouldBe(1);
        guardrail.Review.ExpiresAfter.ShouldBe(TimeSpan.FromMinutes(15));
        guardrail.Review.ShowEffect.ShouldBeFalse();
        guardrail.Connections.ShouldBe(ConnectionSelector.All);
    }

    [Fact]
    public void A_masking_rule_masks_the_unprovable_and_leaves_use_open_by_default()
    {
        var rule = (MaskingRuleDocument)Samples.MaskingRule("pii", """{"columns":["public.customers.ssn"],"mask":{"partial":{"keepLast":4}}}""");
        rule.Mask.ShouldBe(new MaskSpec(MaskKind.Partial, KeepLast: 4));
        rule.Unprovable.ShouldBe(UnprovableAction.Mask);
        rule.Use.ShouldBeNull();
    }

    [Theory]
    [InlineData("\"redact\"", MaskKind.Redact)]
    [InlineData("{\"hash\":{}}", MaskKind.Hash)]
    [InlineData("\"format\"", MaskKind.Format)]
    [InlineData("{\"round\":{\"to\":100}}", MaskKind.Round)]
    [InlineData("{\"truncate\":{\"to\":\"month\"}}", MaskKind.Truncate)]
    public void A_mask_is_a_name_or_an_object_with_options(string mask, MaskKind kind)
        => ((MaskingRuleDocument)Samples.MaskingRule("m", $$"""{"columns":["*.*.x"],"mask":{{mask}}}""")).Mask.Kind.ShouldBe(kind);

    [Fact]
    public void An_access_rule_stands_unless_it_asks_for_requests()
    {
        var rule = (AccessRuleDocument)Samples.Document("AccessRule", "r", """{"principals":{"groups":["engineers"]},"connections":{"names":["orders"]},"access":"read"}""");
        rule.Mode.ShouldBe(AccessMode.Standing);
        rule.Access.ShouldBe(AccessLevel.Read);
        var request = (AccessRuleDocument)Samples.Document("AccessRule", "r", """{"access":"write","mode":"request","request":{"approvers":["dba"],"maxDuration":"2h","requireReason":true}}""");
        request.Request!.MaxDuration.ShouldBe(TimeSpan.FromHours(2));
        request.Request.RequireReason.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Connection", """{"upstream":{"host":"h","database":"d","user":"u","tls":"require","clientCertificate":{"file":"/c"}}}""", "spec.upstream.clientKey", "belong together")]
    [InlineData("Connection", """{"upstream":{"host":"h","database":"d","user":"u","tls":"require","readOnly":{"user":"r","clientKey":{"file":"/c"}}}}""", "spec.upstream.readOnly.clientCertificate", "belong together")]
    [InlineData("Connection", """{"upstream":{"host":"h","database":"d","user":"u","tls":"prefer","clientCertificate":{"file":"/c"},"clientKey":{"file":"/k"}}}""", "spec.upstream.clientCertificate", "require or verify-full")]
    [InlineData("Connection", """{"upstream":{"host":"h","database":"d","user":"u","tls":"disable","readOnly":{"user":"r","clientCertificate":{"file":"/c"},"clientKey":{"file":"/k"}}}}""", "spec.upstream.clientCertificate", "require or verify-full")]
    [InlineData("Connection", """{"upstream":{"host":"h","database":"d","user":"u","tls":"require","clientCertificate":{"file":"/c"},"clientKey":{"vault":"k"}}}""", "spec.upstream.clientKey", "env, file or stored")]
    [InlineData("Guardrail", """{"when":{"effects":["drop"]},"action":"deny","colour":"red"}""", "spec.colour", "unknown key 'colour'")]
    [InlineData("Guardrail", """{"when":{"effects":["explode"]},"action":"deny"}""", "spec.when.effects[0]", "unknown effect 'explode'")]
    [InlineData("Guardrail", """{"when":{"effects":["drop"]},"action":"forbid"}""", "spec.action", "one of allow, deny, review")]
    [InlineData("Guardrail", """{"when":{"effects":["drop"]},"action":"review"}""", "spec.review", "is missing")]
    [InlineData("Guardrail", """{"when":{"effects":["drop"]},"action":"review","review":{"reviewers":["dba"],"expiresAfter":"soon"}}""", "spec.review.expiresAfter", "not a duration")]
    [InlineData("Guardrail", """{"when":{"effects":["drop"]},"action":"review","review":{"reviewers":["dba"],"window":"2d"}}""", "spec.review.window", "at most 1d")]
    [InlineData("Guardrail", """{"when":{"effects":["drop"]}}""", "spec.action", "is missing")]
    [InlineData("Guardrail", """{"when":{},"action":"deny"}""", "spec.when", "holds no condition")]
    [InlineData("Guardrail", """{"when":{"effects":[]},"action":"deny"}""", "spec.when.effects", "empty list")]
    [InlineData("Guardrail", """{"action":"deny"}""", "spec.when", "is missing")]
    [InlineData("Guardrail", """{"when":{"relations":["orders"]},"action":"deny"}""", "spec.when.relations[0]", "schema.name")]
    [InlineData("Guardrail", """{"when":{"columns":["customers.ssn"]},"action":"deny"}""", "spec.when.columns[0]", "schema.table.column")]
    [InlineData("Guardrail", """{"when":{"statementPattern":"(?=x)"},"action":"deny"}""", "spec.when.statementPattern", "look-arounds")]
    [InlineData("Guardrail", """{"when":{"statementPattern":"("},"action":"deny"}""", "spec.when.statementPattern", "not a regular expression")]
    [InlineData("Guardrail", """{"when":{"schedule":["* * *"]},"action":"deny"}""", "spec.when.schedule[0]", "five fields")]
    [InlineData("Guardrail", """{"when":{"withoutWhere":"yes"},"action":"deny"}""", "spec.when.withoutWhere", "true or false")]
    [InlineData("Guardrail", """{"when":{"estimatedRowsOver":5,"effects":["read"]},"action":"allow"}""", "spec.when.estimatedRowsOver", "stricter")]
    [InlineData("Guardrail", """{"budget":{"per":"statement"}}""", "spec.budget", "no limit")]
    [InlineData("Guardrail", """{"budget":{"rowsChanged":1,"onExceed":"review"}}""", "spec.review", "needs reviewers")]
    [InlineData("Guardrail", """{"connections":{},"when":{"effects":["drop"]},"action":"deny"}""", "spec.connections", "selects nothing")]
    [InlineData("Guardrail", """{"principals":{"kinds":["robot"]},"when":{"effects":["drop"]},"action":"deny"}""", "spec.principals.kinds[0]", "ai_agent")]
    [InlineData("GuardrailPack", """{"pack":"mysql"}""", "spec.pack", "postgres-baseline")]
    [InlineData("GuardrailPack", """{"pack":"postgres-baseline","overrides":{"no-such":"deny"}}""", "spec.overrides.no-such", "explicit-lock")]
    [InlineData("GuardrailPack", """{"pack":"postgres-baseline","overrides":{"explicit-lock":"maybe"}}""", "spec.overrides.explicit-lock", "shadow")]
    [InlineData("GuardrailPack", """{"pack":"change-window"}""", "spec.window", "is missing")]
    [InlineData("MaskingRule", """{"mask":"redact"}""", "spec.columns", "is missing")]
    [InlineData("MaskingRule", """{"detect":["passport"]}""", "spec.detect[0]", "credit_card")]
    [InlineData("MaskingRule", """{"columns":["*.*.x"],"mask":"blur"}""", "spec.mask", "redact, partial")]
    [InlineData("MaskingRule", """{"columns":["*.*.x"],"mask":{"partial":{}}}""", "spec.mask.partial", "keeps nothing")]
    [InlineData("MaskingRule", """{"columns":["*.*.x"],"mask":{"redact":{},"hash":{}}}""", "spec.mask", "exactly one")]
    [InlineData("MaskingRule", """{"columns":["*.*.x"],"use":"sometimes"}""", "spec.use", "equality-only")]
    [InlineData("AccessRule", """{"access":"read","mode":"request"}""", "spec.request", "approvers")]
    [InlineData("AccessRule", """{"mode":"standing"}""", "spec.access", "is missing")]
    [InlineData("Connection", """{"upstream":{"host":"h","database":"d","user":"u","port":70000}}""", "spec.upstream.port", "1 to 65535")]
    [InlineData("Connection", """{"upstream":{"host":"h","database":"d","user":"u","tls":"maybe"}}""", "spec.upstream.tls", "verify-full")]
    [InlineData("Connection", """{"upstream":{"host":"h","database":"d","user":"u","password":{"env":"A","file":"b"}}}""", "spec.upstream.password", "exactly one")]
    [InlineData("Connection", """{"upstream":{"database":"d","user":"u"}}""", "spec.upstream.host", "is missing")]
    [InlineData("Connection", """{"protocol":"oracle","upstream":{"host":"h","database":"d","user":"u"}}""", "spec.protocol", "unknown protocol")]
    public void A_wrong_field_is_named_with_what_would_be_right(string kind, string spec, string path, string message) => ShouldFault(kind, spec, path, message);

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var faults = FaultsOf("Guardrail", """{"when":{"effects":["a","b"],"x":1},"action":"c"}""");
        faults.Select(f => f.Path).ShouldBe(["spec.when.effects[0]", "spec.when.effects[1]", "spec.when.x", "spec.action"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("""{"apiVersion":"weir/v2","kind":"Guardrail","metadata":{"name":"x"},"spec":{"budget":{"rowsChanged":1}}}""", "apiVersion")]
    [InlineData("""{"apiVersion":"weir/v1","kind":"Firewall","metadata":{"name":"x"},"spec":{}}""", "kind")]
    [InlineData("""{"apiVersion":"weir/v1","kind":"Guardrail","metadata":{"name":"Big Name"},"spec":{"budget":{"rowsChanged":1}}}""", "metadata.name")]
    [InlineData("""{"apiVersion":"weir/v1","kind":"Guardrail","metadata":{"name":"-x"},"spec":{"budget":{"rowsChanged":1}}}""", "metadata.name")]
    [InlineData("""{"apiVersion":"weir/v1","kind":"Guardrail","spec":{"budget":{"rowsChanged":1}}}""", "metadata")]
    [InlineData("""{"apiVersion":"weir/v1","kind":"Guardrail","metadata":{"name":"x","owner":"me"},"spec":{"budget":{"rowsChanged":1}}}""", "metadata.owner")]
    [InlineData("""{"apiVersion":"weir/v1","kind":"Guardrail","metadata":{"name":"x"},"spec":{"budget":{"rowsChanged":1}},"status":{}}""", "status")]
    [InlineData("""{"apiVersion":"weir/v1","kind":"Guardrail","metadata":{"name":"x","labels":{"a":1}},"spec":{"budget":{"rowsChanged":1}}}""", "metadata.labels.a")]
    [InlineData("""[]""", "")]
    public void What_surrounds_the_spec_is_checked_too(string json, string path)
    {
        using var document = JsonDocument.Parse(json);
        DocumentReader.TryRead(document.RootElement, out _, out var faults).ShouldBeFalse();
        faults.ShouldContain(f => f.Path == path, string.Join(" | ", faults));
    }

    [Fact]
    public void More_than_a_thousand_patterns_are_refused()
    {
        string columns = string.Join(",", Enumerable.Range(0, 1001).Select(i => $"\"a.b.c{i}\""));
        ShouldFault("MaskingRule", $$"""{"columns":[{{columns}}]}""", "spec.columns", "1000");
    }

    [Fact]
    public void A_document_over_its_size_is_refused()
    {
        using var json = JsonDocument.Parse($$"""{"apiVersion":"weir/v1","kind":"Guardrail","metadata":{"name":"x"},"spec":{"message":"{{new string('x', DocumentReader.MaxBytes)}}"} }""");
        DocumentReader.TryRead(json.RootElement, out _, out var faults).ShouldBeFalse();
        faults.Single().Message.ShouldContain("256 KiB");
    }

    [Fact]
    public void A_field_that_is_given_twice_is_a_fault()
        => ShouldFault("Guardrail", """{"budget":{"rowsChanged":1},"budget":{"rowsChanged":2}}""", "spec.budget", "twice");
}
