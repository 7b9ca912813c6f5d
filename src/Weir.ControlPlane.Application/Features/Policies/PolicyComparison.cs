using System.Globalization;
using System.Text;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Sql.Analysis;

namespace Weir.ControlPlane.Application.Features.Policies;

/// <summary>Judges texts under two policies and collects where they differ.</summary>
internal sealed class PolicyComparison(StatementAnalyzer analyzer, CompiledPolicy inForce, CompiledPolicy proposed)
{
    private const int ExampleLength = 500;

    private static readonly AnalysisContext WithoutCatalog = new(null, ["$user", "public"], "", TemporaryObjects.None, 0);

    private readonly Dictionary<(string Principal, string Connection, string Was, string WouldBe, string? Rule), (string? Message, long Count, string Example)> _changes = [];

    public BacktestPolicy.Response Run(BacktestInput input, TimeProvider time, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        long judged = 0;
        foreach (var text in input.Texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(started) > limit)
            {
                break;
            }

            if (input.Principals.TryGetValue(text.Principal, out var principal) && analyzer.Analyze(Encoding.UTF8.GetBytes(text.Text), WithoutCatalog) is AnalysisOutcome.Analyzed analyzed)
            {
                judged += text.Count;
                Compare(text, principal, text.Grant is { } id && input.Grants.TryGetValue(id, out var grant) ? [grant] : [], analyzed.Script);
            }
        }

        var changes = _changes.OrderByDescending(c => c.Value.Count).ThenBy(c => c.Key.Principal, StringComparer.Ordinal).ThenBy(c => c.Key.Rule, StringComparer.Ordinal).ToList();
        return new(
            input.Total,
            judged,
            changes.Sum(c => c.Value.Count),
            [.. changes.Take(BacktestPolicy.MaxChanges).Select((c, i) => new BacktestPolicy.Change(
                (i + 1).ToString(CultureInfo.InvariantCulture), c.Key.Principal, c.Key.Connection, c.Key.Was, c.Key.WouldBe, c.Key.Rule, c.Value.Message, c.Value.Count, c.Value.Example))]);
    }

    private void Compare(RecordedStatement text, Principal principal, Grant[] grants, ScriptAnalysis script)
    {
        var was = Judge(inForce, text, principal, grants, script);
        var wouldBe = Judge(proposed, text, principal, grants, script);
        if (was.Verdict == wouldBe.Verdict)
        {
            return;
        }

        var reason = wouldBe.Reasons.FirstOrDefault(r => !r.IsShadow);
        var key = (principal.Name, text.Connection, WireName.Of(was.Verdict), WireName.Of(wouldBe.Verdict), wouldBe.Verdict == Verdict.Allow ? null : reason?.Rule);
        _changes[key] = _changes.TryGetValue(key, out var known)
            ? known with { Count = known.Count + text.Count }
            : (wouldBe.Verdict == Verdict.Allow ? null : reason?.Message, text.Count, text.Text.Length <= ExampleLength ? text.Text : text.Text[..(ExampleLength - 1)] + "…");
    }

    private static Decision Judge(CompiledPolicy policy, RecordedStatement text, Principal principal, Grant[] grants, ScriptAnalysis script)
    {
        var right = policy.RightOf(principal, text.Connection, grants, text.LastAt);
        return right.Level == AccessLevel.None
            ? new Decision(Verdict.Deny, [new DecisionReason(ReasonSource.AccessLevel, "none", Verdict.Deny, "There would be no session at all.", null)], null, [], default)
            : policy.ForSession(principal, text.Connection, right).Decide(script, text.Text, text.LastAt);
    }
}
