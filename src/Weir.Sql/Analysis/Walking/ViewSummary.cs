using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Lineages;

namespace Weir.Sql.Analysis.Walking;

/// <summary>What reading a view does. Kept with the catalog: not to be changed once made.</summary>
internal sealed record ViewSummary(QueryResult Result, Findings Findings)
{
    public static ViewSummary Unreadable(string note)
    {
        var findings = new Findings();
        findings.Effect(Effects.Call);
        findings.Note(note);
        return new ViewSummary(QueryResult.Unknown, findings);
    }
}
