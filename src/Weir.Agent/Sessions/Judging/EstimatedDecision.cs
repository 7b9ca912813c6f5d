using System.Security.Cryptography;
using System.Text;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;

namespace Weir.Agent.Sessions.Judging;

/// <summary>Applies the rules that depend on the planner's estimate (<c>estimatedRowsOver</c>).</summary>
internal static class EstimatedDecision
{
    /// <param name="rows">Null when the planner could not be asked: every limit counts as exceeded.</param>
    public static Judgement Apply(Judgement judgement, double? rows)
    {
        var decision = judgement.Decision;
        var exceeded = decision.EstimateOver.Where(c => rows is null || rows > c.RowsOver).ToList();
        if (exceeded.Count == 0)
            return judgement;
        var verdict = exceeded.Max(c => c.Reason.Verdict);
        if (verdict < decision.Verdict)
            verdict = decision.Verdict;
        var reasons = exceeded.OrderByDescending(c => c.Reason.Verdict).Select(c => c.Reason).Concat(decision.Reasons).ToList();
        reasons = [.. reasons.OrderByDescending(r => r.Verdict == verdict && !r.IsShadow)];
        var digest = SHA256.HashData([.. decision.Digest.Span, .. exceeded.SelectMany(c => Encoding.UTF8.GetBytes(c.Reason.Rule + "\n"))]);
        var review = decision.Review ?? exceeded.Select(c => c.Review).FirstOrDefault(r => r is not null);
        var combined = new Decision(verdict, [.. reasons], review, [], digest);
        return judgement.With(combined, verdict == Verdict.Deny ? Judge.ToDiagnostic(Denial.Of(combined)) : null);
    }

    /// <summary>EXPLAIN may run the functions of a statement while it plans: only what is known to do nothing may be asked about.</summary>
    public static bool IsHarmless(StatementAnalysis statement)
    {
        const Effects plannable = Effects.Read | Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge;
        return (statement.Effects & ~plannable) == 0
            && statement.Inner is null
            && statement.Functions.All(f => !f.MayWrite && f.Volatility is FunctionVolatility.Immutable or FunctionVolatility.Stable);
    }
}
