using System.Text.Json.Nodes;
using Weir.Cli.Tests.Support;
using Weir.Testing;

namespace Weir.Cli.Tests.Policies;

public sealed class PolicyTestCommandTests
{
    private static readonly string _sample = RepositoryRoot.Combine("deploy/sample");

    private const string Script = """
        DROP TABLE customers;
        DELETE FROM orders;
        SELEC 1;
        SHOW server_version;
        """;

    private const string NoDrop = """
        apiVersion: weir/v1
        kind: Guardrail
        metadata: { name: no-drop }
        spec: { principals: { kinds: [ai_agent], groups: [bots] }, when: { effects: [drop] }, action: deny, message: "Never." }
        """;

    [Fact]
    public async Task The_samples_judge_as_they_say_and_no_server_is_asked()
    {
        using var weir = new WeirCli();
        var result = await weir.RunAsync("policy", "test", "-f", _sample, "--sql", weir.Write("s.sql", Script), "--groups", "dba", "-o", "json");

        result.ExitCode.ShouldBe(0, result.Error);
        var verdicts = result.Json.AsArray();
        verdicts.Select(v => v!["verdict"]!.GetValue<string>()).ShouldBe(["deny", "review", "deny", "allow"]);
        verdicts.Select(v => v!["id"]!.GetValue<string>()).ShouldBe(["1", "2", "3", "4"]);
        verdicts.Select(v => v!["line"]!.GetValue<int>()).ShouldBe([1, 2, 3, 4]);
        verdicts[0]!["reasons"]![0]!["rule"]!.GetValue<string>().ShouldBe("no-destructive-ddl");
        verdicts[1]!["reviewers"]!.AsArray().ShouldHaveSingleItem()!.GetValue<string>().ShouldBe("dba");
        verdicts[2]!["reasons"]![0]!["message"]!.GetValue<string>().ShouldContain("42601");
    }

    [Fact]
    public async Task Expectations_decide_the_exit_status_and_every_difference_is_named()
    {
        using var weir = new WeirCli();
        var sql = weir.Write("s.sql", Script);
        var differs = await weir.RunAsync("policy", "test", "-f", _sample, "--sql", sql, "--groups", "dba", "--expect", "deny", "-o", "json");
        differs.ExitCode.ShouldBe(1);
        differs.Error.ShouldBe("weir: line 2: expected deny, got review\nweir: line 4: expected deny, got allow\n");
        (await weir.RunAsync("policy", "test", "-f", _sample, "--sql", weir.Write("d.sql", "DROP TABLE x"), "--groups", "dba", "--expect", "deny")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Without_an_access_rule_for_the_principal_there_is_no_session_at_all()
    {
        using var weir = new WeirCli();
        var result = await weir.RunWithInputAsync("SELECT 1", "policy", "test", "-f", _sample, "--sql", "-", "--groups", "strangers", "-o", "json");
        result.Json[0]!["verdict"]!.GetValue<string>().ShouldBe("deny");
        result.Json[0]!["reasons"]![0]!["message"]!.GetValue<string>().ShouldContain("no session");
    }

    [Theory]
    [InlineData("ai_agent", "bots", "deny")]
    [InlineData("ai_agent", "others", "allow")]
    [InlineData("user", "bots", "allow")]
    [InlineData("ai_agent", "x,bots", "deny")]
    public async Task Kind_and_groups_choose_the_rules(string kind, string groups, string verdict)
    {
        using var weir = new WeirCli();
        var result = await weir.RunWithInputAsync(
            "DROP TABLE x", "policy", "test", "-f", weir.Write("r.yaml", NoDrop), "--sql", "-", "--kind", kind, "--groups", groups, "--expect", verdict);
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
    }

    [Theory]
    [InlineData("read", "INSERT INTO x VALUES (1)", "deny")]
    [InlineData("write", "INSERT INTO x VALUES (1)", "allow")]
    [InlineData("admin", "DROP TABLE x", "allow")]
    [InlineData("write", "DROP TABLE x", "deny")]
    public async Task The_access_level_can_be_given(string access, string sql, string verdict)
    {
        using var weir = new WeirCli();
        var result = await weir.RunWithInputAsync(sql, "policy", "test", "-f", weir.Write("r.yaml", NoDrop), "--sql", "-", "--access", access, "--expect", verdict);
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
    }

    [Fact]
    public async Task What_a_statement_prepares_is_judged_when_it_is_executed()
    {
        using var weir = new WeirCli();
        var result = await weir.RunWithInputAsync(
            "PREPARE p AS DELETE FROM orders; EXECUTE p; EXECUTE q", "policy", "test", "-f", _sample, "--sql", "-", "--groups", "dba", "-o", "json");
        result.Json.AsArray().Select(v => v!["verdict"]!.GetValue<string>()).ShouldBe(["review", "review", "deny"]);
    }

    [Fact]
    public async Task A_wrong_document_is_wrong_usage_and_named_with_file_document_and_path()
    {
        using var weir = new WeirCli();
        var file = weir.Write("r.yaml", NoDrop + "\n---\n" + NoDrop.Replace("no-drop", "typo", StringComparison.Ordinal).Replace("effects: [drop]", "effects: [drob]", StringComparison.Ordinal));
        var result = await weir.RunWithInputAsync("SELECT 1", "policy", "test", "-f", file, "--sql", "-");
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain($"{file}, document 2 (Guardrail/typo): spec.when.effects");
        result.Error.ShouldContain("drob");
    }

    [Theory]
    [InlineData("--connection", "other")]
    [InlineData("--at", "yesterday")]
    public async Task What_the_documents_do_not_hold_is_wrong_usage(string option, string value)
    {
        using var weir = new WeirCli();
        var result = await weir.RunWithInputAsync("SELECT 1", "policy", "test", "-f", _sample, "--sql", "-", option, value);
        (result.ExitCode, result.Error.Contains(value, StringComparison.Ordinal)).ShouldBe((2, true));
    }

    [Fact]
    public async Task A_script_without_statements_proves_nothing_and_is_wrong_usage()
    {
        using var weir = new WeirCli();
        (await weir.RunWithInputAsync("-- nothing\n;", "policy", "test", "-f", _sample, "--sql", "-", "--expect", "deny")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task Explain_shows_effects_relations_columns_and_functions()
    {
        using var weir = new WeirCli();
        var result = await weir.RunAsync("policy", "explain", "UPDATE public.orders SET status = upper(status)", "-o", "json");

        result.ExitCode.ShouldBe(0, result.Error);
        var found = result.Json.AsArray().ShouldHaveSingleItem()!;
        found["command"]!.GetValue<string>().ShouldBe("UPDATE");
        Texts(found["effects"]).ShouldContain("update");
        found["withoutWhere"]!.GetValue<bool>().ShouldBeTrue();
        found["relations"]!.AsArray().ShouldContain(r => r!["name"]!.GetValue<string>() == "public.orders");
        found["columns"]!.AsArray().ShouldContain(c => c!["column"]!.GetValue<string>() == "status");
        found["functions"]!.AsArray().ShouldContain(f => f!["name"]!.GetValue<string>().Contains("upper"));
        (await weir.RunAsync("policy", "explain", "UPDATE public.orders SET status = upper(status)")).Output.ShouldContain("withoutWhere");
    }

    [Fact]
    public async Task Explain_tells_a_syntax_error_with_its_place()
    {
        using var weir = new WeirCli();
        var result = await weir.RunAsync("policy", "explain", "SELECT 1 FROMM x y", "-o", "json");
        result.ExitCode.ShouldBe(1);
        result.Json[0]!["error"]!["sqlState"]!.GetValue<string>().ShouldBe("42601");
        result.Json[0]!["error"]!["position"]!.GetValue<int>().ShouldBePositive();
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(i => i!.GetValue<string>());
}
