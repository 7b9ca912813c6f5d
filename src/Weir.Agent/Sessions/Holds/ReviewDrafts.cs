using System.Collections.Immutable;
using System.Text;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Agent.Sessions.Judging;

namespace Weir.Agent.Sessions.Holds;

/// <summary>What reviewers are shown of a statement, and what their approval is bound to.</summary>
internal static class ReviewDrafts
{
    private const int MaxShownParameters = 100;

    /// <param name="exactParameters">Formats and values of the Bind.</param>
    /// <param name="first">Number of the statement in the recording.</param>
    public static ReviewDraft Of(RelayState state, Judgement judgement, ParameterList parameters, ReadOnlySpan<byte> exactParameters, long first)
    {
        var shown = ImmutableArray.CreateBuilder<string>();
        foreach (var parameter in parameters.Parameters)
        {
            if (shown.Count == MaxShownParameters)
                break;
            shown.Add(
                parameter.Length < 0 ? "NULL"
                : parameter.IsMasked ? "***"
                : parameter.IsBinary ? "\\x" + Convert.ToHexStringLower(parameters.Source.Slice(parameter.Offset, Math.Min(parameter.Length, 64)))
                : Encoding.UTF8.GetString(parameters.Source.Slice(parameter.Offset, Math.Min(parameter.Length, 1000))));
        }

        var surroundings = state.Surroundings;
        return new ReviewDraft
        {
            SessionId = state.Session.Id,
            Statement = first,
            Principal = state.Start.Identity.Principal,
            Connection = state.Start.Identity.ConnectionName,
            ExactText = judgement.Text,
            ExactParameters = exactParameters.ToArray(),
            DecisionDigest = judgement.Decision.Digest,
            Shape = ReviewShapes.Of(judgement, state.Start.Identity.Principal.Kind, exactParameters),
            Surroundings = $"{state.Start.Identity.Database}\n{surroundings.SearchPathText}\n{surroundings.CurrentUser}",
            ShownText = string.Join(";\n", judgement.Statements.Select(s => Encoding.UTF8.GetString(s.RecordedText))),
            ShownParameters = shown.ToImmutable(),
            Reasons = judgement.Decision.Reasons,
            Terms = judgement.Decision.Review ?? throw new InvalidOperationException("A review without terms."),
            Context = state.Start.Identity.Startup.Context,
            Relations = [.. judgement.Statements.Where(s => s.Analysis is not null).SelectMany(s => s.Analysis!.Relations).SelectMany(r => r.Candidates).Select(c => c.ToString()).Distinct().Take(100)],
            SensitiveColumns = SensitiveColumns(judgement),
        };
    }

    private static ImmutableArray<string> SensitiveColumns(Judgement judgement)
    {
        if (!judgement.Policy.HasMasking)
            return [];
        return [.. judgement.Statements
            .Where(s => s.Analysis is not null)
            .SelectMany(s => s.Analysis!.Columns)
            .SelectMany(c => c.Relations.Where(r => c.Column == "*" ? judgement.Policy.MayBeSensitive(r) : judgement.Policy.MaskFor(r, c.Column) is not null).Select(r => $"{r}.{c.Column}"))
            .Distinct()
            .Take(100)];
    }
}
