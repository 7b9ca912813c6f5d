using System.Collections.Immutable;
using System.Security.Cryptography;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;

namespace Weir.Policy.Compilation;

/// <summary>Judges one text: collects what objects to each of its statements, and keeps the strictest.</summary>
internal sealed class Decider(RuleIndex index, AccessCheck access, MaskedUseCheck masked, byte[] levelDigest, DateTimeOffset now)
{
    private readonly List<Finding> _findings = [];
    private readonly List<EstimateCondition> _estimates = [];
    private readonly List<CompiledRule> _applied = [];
    private Verdict _verdict;

    /// <summary>A reason, how much weight it has in ordering, and its review terms.</summary>
    private readonly record struct Finding(DecisionReason Reason, bool Decides, int Priority, ReviewTerms? Review);

    public Decision Decide(ScriptAnalysis script, string text)
    {
        foreach (var statement in script.Statements)
        {
            // What PREPARE, DECLARE, EXPLAIN ANALYZE and COPY carry inside is judged like what stands alone.
            for (var part = statement; part is not null; part = part.Inner)
                Judge(new StatementFacts(part, text));
        }

        return Conclude();
    }

    private void Judge(StatementFacts facts)
    {
        var matching = new List<CompiledRule>();
        index.Visit(facts, rule =>
        {
            if (rule.When.Match(facts, now, allows: rule.Verdict == Verdict.Allow))
                matching.Add(rule);
        });

        var allowedByName = Effects.None;
        foreach (var rule in matching)
        {
            if (rule is { Verdict: Verdict.Allow, IsShadow: false })
                allowedByName |= rule.When.Effects & AccessLevels.ByNameOnly;
        }

        if (access.Check(facts, allowedByName) is { } beyond)
            Add(beyond, decides: true, int.MaxValue, null);
        var useReasons = new List<DecisionReason>();
        masked.Check(facts.Statement, useReasons);
        foreach (var reason in useReasons)
            Add(reason, decides: true, int.MinValue, reason.Verdict == Verdict.Review ? ReviewTerms.Default : null);
        Weigh(matching);
    }

    // The highest priority decides, and within it the strictest. Estimates can only make the outcome stricter.
    private void Weigh(List<CompiledRule> matching)
    {
        int top = int.MinValue;
        foreach (var rule in matching)
        {
            if (!rule.IsShadow && rule.When.EstimatedRowsOver is null)
                top = Math.Max(top, rule.Priority);
        }

        var decided = Verdict.Allow;
        foreach (var rule in matching)
        {
            if (!rule.IsShadow && rule.When.EstimatedRowsOver is null && rule.Priority == top && rule.Verdict > decided)
                decided = rule.Verdict;
        }

        foreach (var rule in matching)
        {
            if (rule.When.EstimatedRowsOver is { } rows)
            {
                if (rule.IsShadow)
                    continue; // Nothing is asked of the planner for a rule that only watches.
                if (rule.Priority >= top && rule.Verdict > decided)
                {
                    _estimates.Add(new EstimateCondition(rows, rule.Reason, rule.Review));
                    _applied.Add(rule);
                }

                continue;
            }

            if (!rule.IsShadow)
                _applied.Add(rule);
            bool decides = !rule.IsShadow && rule.Priority == top && rule.Verdict == decided;
            Add(rule.Reason, decides, rule.Priority, rule.Review);
        }
    }

    private void Add(DecisionReason reason, bool decides, int priority, ReviewTerms? review)
    {
        if (decides && reason.Verdict > _verdict)
            _verdict = reason.Verdict;

        // The same rule may speak for several statements of the text; it is heard once, as strictly as anywhere.
        int known = _findings.FindIndex(f => f.Reason == reason);
        if (known < 0)
            _findings.Add(new Finding(reason, decides, priority, review));
        else if (decides)
            _findings[known] = _findings[known] with { Decides = true };
    }

    private Decision Conclude()
    {
        var ordered = _findings
            .OrderByDescending(f => f.Decides && f.Reason.Verdict == _verdict)
            .ThenBy(f => f.Reason.IsShadow)
            .ThenBy(f => SourceOrder(f.Reason.Source))
            .ThenByDescending(f => f.Priority)
            .ThenBy(f => f.Reason.Rule, StringComparer.Ordinal)
            .ToList();
        var terms = _verdict == Verdict.Review ? ordered.First(f => f is { Decides: true, Reason.Verdict: Verdict.Review }).Review ?? ReviewTerms.Default : null;
        return new Decision(_verdict, [.. ordered.Select(f => f.Reason)], terms, [.. _estimates.Distinct()], Digest());
    }

    // A guardrail says why in its author's words, and stands whatever access level one may ask for: "ask for admin" would be a false hint where it
    // refuses too. It also has terms of review, where masking rules have only the defaults.
    private static int SourceOrder(ReasonSource source) => source switch
    {
        ReasonSource.Gateway => 0,
        ReasonSource.Guardrail => 1,
        ReasonSource.AccessLevel => 2,
        _ => 3,
    };

    private byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(levelDigest);
        foreach (var rule in _applied.DistinctBy(r => r.Name).OrderBy(r => r.Name, StringComparer.Ordinal))
            hash.AppendData(rule.Digest);
        return hash.GetHashAndReset();
    }
}
