using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Statements;

/// <summary>
/// ALTER … RENAME of a temporary relation: under another name it no longer hides what it hid; with another name for a column its columns are no longer those
/// that were noted.
/// </summary>
internal static class RenamedTemporary
{
    public static StatementParts Of(Walk walk, SqlNode node, StatementParts parts)
    {
        SqlNode relation = node.Plain("relation", "RangeVar");
        if (relation.IsMissing || !walk.Names.Relation(relation).IsTemporary)
            return parts;
        walk.Findings.ChangesTemporaryObjects = true;
        string name = relation.Text("relname");
        return CommandTags.IsRelation(node.Text("renameType"))
            ? parts with { TemporaryDropped = [name], TemporaryMade = [new TemporaryRelation(node.Text("newname"), default)] }
            : parts with { TemporaryMade = [new TemporaryRelation(name, default)] };
    }
}
