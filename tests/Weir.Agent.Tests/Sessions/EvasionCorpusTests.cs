using System.Globalization;
using System.Text.Json;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing;
using Weir.Testing.Processes;

namespace Weir.Agent.Tests.Sessions;

/// <summary>
/// The evasion corpus that lies beside the repository, through the wire of an agent in this process, judged by its effect on a server of its own: where WEIR_EVASION_CORPUS
/// is set, because it needs root, Debian's PostgreSQL 15 and a quarter of an hour. tests/compat/corpus.sh does the same with a published agent.
/// </summary>
public sealed class EvasionCorpusTests(SampleServer server)
{
    private const int Port = 27750;

    /// <summary>What the runner calls an effect is that of a harmless statement of the case; the one that is meant was refused.</summary>
    private static readonly Dictionary<string, string> Explained = new()
    {
        ["copy-desync-8"] = "one row is copied, as access level write allows; the DELETE behind it is refused",
        ["copy-desync-10"] = "one row is copied, as access level write allows; the DELETE behind it is refused",
        ["prep-block-state-2"] = "SELECT 1 at the end is answered; DROP and DELETE are refused",
    };

    [Fact]
    public async Task Nothing_of_the_corpus_has_its_effect()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("WEIR_EVASION_CORPUS") is { Length: > 0 }, "takes a quarter of an hour: WEIR_EVASION_CORPUS=1");
        var victim = SharedCorpus.Locate("corpus/victim.sh")!;
        var environment = new Dictionary<string, string?> { ["CORPUS_PORT"] = Port.ToString(CultureInfo.InvariantCulture), ["CORPUS_STATE"] = $"/var/tmp/weir-corpus-{Port}" };
        (await ProcessRunner.RunAsync(victim, ["up"], environment: environment, cancellationToken: TestContext.Current.CancellationToken)).EnsureSuccess();
        try
        {
            var policy = TestPolicy.Open("write").Add("GuardrailPack", "victim-baseline", """{"pack":"postgres-baseline"}""");
            await using var host = await SessionHost.StartAsync(server, policy, upstreamUser: "postgres", upstreamPassword: "relsecpw", upstreamPort: Port, upstreamTls: "prefer");
            var report = Path.Combine(Path.GetTempPath(), "weir-evasion-corpus.jsonl");
            string[] arguments =
            [
                SharedCorpus.Locate("corpus/run_corpus.py")!, "--admin-port", environment["CORPUS_PORT"]!, "--port", host.Port.ToString(CultureInfo.InvariantCulture), "--user", SessionHost.Credential,
                "--password", SessionHost.Secret, "--db", "orders/relsec_case", "--out", report,
            ];
            var run = await ProcessRunner.RunAsync("python3", arguments, environment: environment, deadline: TimeSpan.FromMinutes(40), cancellationToken: TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper?.WriteLine(run.Output);
            var verdicts = (await File.ReadAllLinesAsync(report, TestContext.Current.CancellationToken)).Select(line => JsonDocument.Parse(line).RootElement)
                .Select(e => (Id: e.GetProperty("id").GetString()!, Verdict: e.GetProperty("verdict").GetString()!)).ToList();
            verdicts.Count.ShouldBeGreaterThan(500);
            verdicts.Where(v => v.Verdict is "FALSE-NEGATIVE" or "FALSE-POSITIVE" && !Explained.ContainsKey(v.Id)).ShouldBeEmpty();
        }
        finally
        {
            await ProcessRunner.RunAsync(victim, ["down"], environment: environment, cancellationToken: CancellationToken.None);
        }
    }
}
