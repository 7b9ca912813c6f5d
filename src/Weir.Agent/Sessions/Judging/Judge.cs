using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;
using Weir.Agent.Sessions.Budgets;
using Weir.Agent.Sessions.Statements;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Policy.Masking;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Sql.Analysis;

namespace Weir.Agent.Sessions.Judging;

/// <summary>Makes judgements: analysis, decision, masks, recording text. Pure; runs on any thread.</summary>
/// <param name="Pinned">The application name that the database must see.</param>
internal sealed record Judge(StatementAnalyzer Analyzer, SessionPolicy Policy, AnalysisContext Context, long SnapshotVersion, AccessLevel Level, string Pinned, DateTimeOffset Now)
{
    /// <param name="text">UTF-8 as far as the client's encoding is known to be.</param>
    public Judgement Make(byte[] text)
    {
        if (!Utf8.IsValid(text))
            return Refuse(text, Diagnostic.Error(SqlStates.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": " + InvalidUtf8(text)), "text is not valid UTF-8");
        switch (Analyzer.Analyze(text, Context))
        {
            case AnalysisOutcome.SyntaxFault fault:
                var syntax = Diagnostic.Error(fault.SqlState, fault.Message) with { Position = fault.Position > 0 ? fault.Position : null };
                return Refuse(text, syntax, "text does not parse");
            case AnalysisOutcome.Refused refused:
                return Refuse(
                    text,
                    Diagnostic.Error(SqlStates.InsufficientPrivilege, "weir: denied: " + refused.Reason) with { Hint = "Send a shorter or simpler statement." },
                    refused.Reason,
                    isPassing: refused.IsPassing);
            case AnalysisOutcome.Analyzed analyzed:
                return Decide(text, analyzed.Script);
            default:
                return Refuse(text, Diagnostic.Error(SqlStates.InsufficientPrivilege, "weir: denied: unknown analysis"), "unknown analysis");
        }
    }

    /// <summary>The first bytes that are no character, as PostgreSQL shows them: as many as the first one announces.</summary>
    private static string InvalidUtf8(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeFromUtf8(text, out _, out var read) == OperationStatus.Done)
            text = text[read..];
        var announced = text[0] switch { >= 0xF0 and < 0xF8 => 4, >= 0xE0 and < 0xF0 => 3, >= 0xC0 and < 0xE0 => 2, _ => 1 };
        return string.Join(" ", text[..Math.Min(announced, text.Length)].ToArray().Select(b => $"0x{b:x2}"));
    }

    private Judgement Decide(byte[] text, ScriptAnalysis script)
    {
        if (GatewayRules.Check(script, Level) is { } refusal)
            return Refuse(text, refusal, refusal.Message, script);
        if (GatewayRules.Missing(script) is { } missing)
            return Refuse(text, missing, missing.Message, script);
        if (Policy.HasMasking)
            script = GatewayRules.WithoutFalseProof(script);
        var decision = Policy.Decide(script, Encoding.UTF8.GetString(text), Now);
        if (decision.Verdict != Verdict.Deny && BudgetMeter.Uncountable(Policy, script) is { } uncountable)
            return Refuse(text, uncountable, uncountable.Message, script);
        if (decision.Verdict != Verdict.Deny && Policy.HasMasking && WrittenMasks.Check(text, script, Policy) is { } writesMask)
            return Refuse(text, writesMask, writesMask.Message, script);
        var rewritten = PinnedSettings.Rewrite(text, script, Pinned);
        var isMover = script.Statements.Any(GatewayRules.IsMover);
        return new Judgement
        {
            HoldsForShape = decision.Verdict == Verdict.Allow && rewritten is null && !isMover && IsSameForShape(script, decision),
            // Values that are compared with masked ones are guesses: each of them is for people to see.
            MayCoverShape = decision.Verdict == Verdict.Review && rewritten is null && !isMover && IsSameForShape(script, decision)
                && !(Policy.HasMasking && script.Statements.Any(s => Policy.IsGuess(s) || StatementText.MaskedParameters(s, Policy).Length > 0)),
            Text = text,
            Policy = Policy,
            Decision = decision,
            Refusal = decision.Verdict == Verdict.Deny ? ToDiagnostic(Denial.Of(decision)) : null,
            Statements = Statements(text, script, decision),
            ValidUntil = Policy.IsTimeDependent ? NextMinute(Now) : null,
            // What is sent instead names the session.
            IsPrivate = rewritten is not null || script.Statements.Any(IsPrivate),
            IsMover = isMover,
            IsGuess = Policy.HasMasking && script.Statements.Any(Policy.IsGuess),
            EndsTransaction = script.Statements.Any(GatewayRules.EndsTransaction),
            ForwardedText = rewritten,
            MayCopyIn = script.Statements.Any(s => (s.Effects & Effects.CopyIn) != 0),
            ChecksCopyIn = Policy.HasMasking && script.Statements.Any(s => CopyInCheck.Concerns(s, Policy)),
            CountsChanges = Policy.Budgets.Any(b => b.Terms.RowsChanged is not null) && script.Statements.Any(s => (s.Effects & BudgetMeter.Changing) != 0),
            CountsReads = Policy.Budgets.Any(b => b.Terms.RowsRead is not null || b.Terms.BytesRead is not null) && script.Statements.Any(BudgetMeter.Returns),
        };
    }

    /// <summary>Every text that differs in the values of constants only does the same to the same things and gets the same decision.</summary>
    private bool IsSameForShape(ScriptAnalysis script, Decision decision)
    {
        const Effects plain = Effects.Read | Effects.Insert | Effects.Update | Effects.Delete;
        return decision.EstimateOver.IsDefaultOrEmpty && !Policy.DependsOnText
            && script.Statements is [{ DependsOnLiterals: false, HasUnresolvedNames: false, MayExhaustServer: false, ReadsOpaqueSource: false, Settings.IsDefaultOrEmpty: true } only]
            && (only.Effects & ~plain) == 0 && !IsPrivate(only) && !StatementText.HasSensitiveLiterals(only, Policy);
    }

    public static Diagnostic ToDiagnostic(Denial denial) =>
        Diagnostic.Error(denial.SqlState, denial.Message) with { Hint = denial.Hint, ConstraintName = denial.ConstraintName };

    private JudgedStatement[] Statements(byte[] text, ScriptAnalysis script, Decision decision)
    {
        var statements = new JudgedStatement[script.Statements.Length];
        for (var i = 0; i < statements.Length; i++)
        {
            var analysis = script.Statements[i];
            statements[i] = new JudgedStatement(
                analysis,
                Policy.HasMasking ? Policy.PlanMasking(analysis) : MaskingPlan.None,
                StatementText.Cut(text, analysis, Policy),
                decision,
                SnapshotVersion)
            {
                MaskedParameters = StatementText.MaskedParameters(analysis, Policy),
            };
        }

        return statements;
    }

    private Judgement Refuse(byte[] text, Diagnostic refusal, string reason, ScriptAnalysis? script = null, bool isPassing = false)
    {
        var decision = new Decision(
            Verdict.Deny,
            [new DecisionReason(ReasonSource.Gateway, "gateway", Verdict.Deny, reason, refusal.Hint)],
            null,
            [],
            ReadOnlyMemory<byte>.Empty);
        // A text that was not understood may hold a masked value anywhere.
        var recorded = script is null && Policy.HasMasking ? "(text withheld by a masking rule)"u8.ToArray() : text;
        return new Judgement
        {
            Text = text,
            Policy = Policy,
            Decision = decision,
            Refusal = refusal,
            Statements = script is null
                ? [new JudgedStatement(null, MaskingPlan.None, recorded, decision, SnapshotVersion)]
                : Statements(text, script, decision),
            // Nobody else's statement is refused because the machine was busy at one moment.
            IsPrivate = isPassing,
        };
    }

    private static bool IsPrivate(StatementAnalysis statement) => statement.PreparedName is not null || statement.CursorName is not null;

    private static DateTimeOffset NextMinute(DateTimeOffset now) => new(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute) + TimeSpan.TicksPerMinute, now.Offset);
}
