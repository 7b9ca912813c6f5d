using System.Buffers;
using System.Text;
using System.Text.Json;
using Weir.Policy.Documents;

namespace Weir.Policy.Tests.Documents;

public sealed class DocumentWriterTests
{
    private static string Write(PolicyDocument document)
    {
        var output = new ArrayBufferWriter<byte>();
        DocumentWriter.Write(document, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static TheoryData<string, string> Specs => new()
    {
        { "Connection", """{"agents":{"labels":{"zone":"eu"},"names":["a"]},"allowReplication":true,"upstream":{"host":"h","port":6000,"database":"d","user":"u","tls":"verify-full","tlsCaFile":"/ca","password":{"vault":"kv/x"},"readOnly":{"user":"r","password":{"rds-iam":{}}},"targetSessionAttributes":"primary"}}""" },
        { "Connection", """{"upstream":{"host":"h","database":"d","user":"u","tls":"require","clientCertificate":{"file":"/c"},"clientKey":{"env":"K"},"readOnly":{"user":"r","clientCertificate":{"stored":{}},"clientKey":{"stored":{}}}}}""" },
        { "Guardrail", """{"connections":{"names":["orders"]},"principals":{"names":["ada@example.com"]},"when":{"effects":["update"],"relations":["public.*"],"columns":["*.*.x"],"functions":["f","s.g"],"settings":["role","row_security=off"],"withoutWhere":true,"estimatedRowsOver":5,"statementPattern":"a<b\"ü","schedule":["0 9-17 * * 1-5"]},"action":"deny","priority":-3,"message":"No.","shadow":true}""" },
        { "Guardrail", """{"when":{"effects":["drop"]},"action":"review","review":{"reviewers":["dba"],"approvals":1,"expiresAfter":"15m","window":"1h30m"}}""" },
        { "Guardrail", """{"when":{"effects":["drop"]},"action":"review","review":{"reviewers":["dba"],"approvals":1,"expiresAfter":"15m","window":"none"}}""" },
        { "Guardrail", """{"budget":{"rowsChanged":100,"rowsRead":5,"bytesRead":7,"per":"transaction","onExceed":"review"},"review":{"reviewers":["dba"],"approvals":2,"expiresAfter":"1d2h3m4s","showEffect":true}}""" },
        { "GuardrailPack", """{"pack":"postgres-baseline","connections":{"labels":{"env":"prod"}},"overrides":{"explicit-lock":"review","long-sleep":"off"},"review":{"reviewers":["dba"]}}""" },
        { "GuardrailPack", """{"pack":"change-window","window":["* 8-15 * * 1-4"]}""" },
        { "MaskingRule", """{"columns":["public.customers.ssn","*.*.credit_card"],"detect":["email","us_ssn"],"mask":{"partial":{"keepFirst":1,"keepLast":4}},"use":"equality-only","unprovable":"deny","exceptGroups":["fraud"]}""" },
        { "MaskingRule", """{"columns":["*.*.salary"],"mask":{"round":{"to":2.5}}}""" },
        { "AccessRule", """{"access":"read","schedule":["* 8-17 * * 1-5"]}""" },
        { "AccessRule", """{"principals":{"groups":["g"]},"connections":{"names":["orders"]},"access":"admin","mode":"request","request":{"approvers":["dba"],"approvals":2,"maxDuration":"4h","requireReason":true}}""" },
    };

    [Theory]
    [MemberData(nameof(Specs))]
    public void What_is_written_reads_back_as_the_same_text(string kind, string spec)
    {
        string written = Write(Samples.Document(kind, "x", spec));
        Write(Samples.Read(written)).ShouldBe(written);
    }

    [Theory]
    [MemberData(nameof(Specs))]
    public void Nothing_of_a_spec_is_lost(string kind, string spec)
    {
        string written = Write(Samples.Document(kind, "x", spec));
        using var json = JsonDocument.Parse(written);
        using var original = JsonDocument.Parse(spec);
        ShouldContain(json.RootElement.GetProperty("spec"), original.RootElement, "spec");
    }

    [Theory]
    [MemberData(nameof(Specs))]
    public void Keys_are_sorted_and_there_is_no_white_space(string kind, string spec)
    {
        string written = Write(Samples.Document(kind, "x", spec));
        using var json = JsonDocument.Parse(written);
        ShouldBeSorted(json.RootElement);
        JsonSerializer.Serialize(json.RootElement).Length.ShouldBeGreaterThanOrEqualTo(written.Length);
        written.ShouldNotContain("\n");
    }

    [Fact]
    public void The_order_of_keys_in_the_source_does_not_matter()
        => Write(Samples.Guardrail("x", """{"action":"deny","when":{"withoutWhere":true,"effects":["truncate","drop"]}}"""))
            .ShouldBe(Write(Samples.Guardrail("x", """{"when":{"effects":["drop","truncate"],"withoutWhere":true},"action":"deny"}""")));

    [Fact]
    public void A_stored_secret_is_never_written()
    {
        string written = Write(Samples.Document("Connection", "c", """{"upstream":{"host":"h","database":"d","user":"u","password":{"stored":"hunter2"},"readOnly":{"user":"r","password":{"stored":"hunter3"}}}}"""));
        written.ShouldNotContain("hunter");
        written.ShouldContain("\"password\":{\"stored\":{}}");
    }

    private static void ShouldContain(JsonElement written, JsonElement original, string path)
    {
        switch (original.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in original.EnumerateObject())
                {
                    written.TryGetProperty(property.Name, out var value).ShouldBeTrue($"{path}.{property.Name}");
                    ShouldContain(value, property.Value, $"{path}.{property.Name}");
                }

                break;
            case JsonValueKind.Array:
                written.EnumerateArray().Select(e => e.ToString()).ShouldBe(original.EnumerateArray().Select(e => e.ToString()), path);
                break;
            default:
                written.ToString().ShouldBe(original.ToString(), path);
                break;
        }
    }

    private static void ShouldBeSorted(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            var names = element.EnumerateObject().Select(p => p.Name).ToList();
            names.ShouldBe(names.Order(StringComparer.Ordinal));
            foreach (var property in element.EnumerateObject())
                ShouldBeSorted(property.Value);
        }
    }
}
