using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Statements;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Scripts;

/// <summary>
/// Definitions in the DO blocks of a text, which may be carried out or not (<c>IF NOT EXISTS … THEN CREATE TABLE</c>). Later statements are judged twice, with all of them and with none (of those whose names could mean something else), and
/// both count. What neither of the two shows (made and dropped again, a column's type of in between) may not be named any more.
/// </summary>
/// <param name="with">The catalog with the definitions.</param>
/// <param name="unjudged">Names of which nothing is known.</param>
internal sealed class BlockDefinitions(CatalogOverlay with, DefinitionEffects definitions, HashSet<string> unjudged)
{
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private readonly CatalogOverlay _without = with.Fork();
    private DefinitionEffects? _withoutDefinitions;
    private bool _isElsewhere;

    /// <summary>The catalog without them.</summary>
    public CatalogSnapshot Without => _without.Catalog;

    /// <summary>False when existing names may mean something that can't be told.</summary>
    public bool TryApply(IReadOnlyList<string> texts, Walk walk, Func<CatalogSnapshot?, NameResolver> resolve)
    {
        foreach (string text in texts)
        {
            bool isApplied = false;
            Definitions.TryRead(walk, text, node =>
            {
                NameResolver names = resolve(with.Catalog);
                _isElsewhere = true;
                isApplied = TryTouch(node, names) && definitions.TryApply(node, names) && (_isElsewhere || TryApplyToOther(node, resolve));
                return "";
            });
            if (!isApplied)
                return false;
        }

        return true;
    }

    /// <summary>What holds for both: a definition outside of a block, and one whose name nothing else can be meant by (a statement that names it fails where it is not there).</summary>
    public bool TryApplyToOther(SqlNode node, Func<CatalogSnapshot?, NameResolver> resolve)
    {
        _withoutDefinitions ??= new DefinitionEffects(_without, unjudged);
        return _withoutDefinitions.TryApply(node, resolve(_without.Catalog));
    }

    private bool TryTouch(SqlNode node, NameResolver names)
    {
        switch (node.Tag)
        {
            case "CreateStmt":
                return TouchNew(names.NewRelation(node.Plain("relation", "RangeVar")), names);
            case "CreateSeqStmt":
                return TouchNew(names.NewRelation(node.Plain("sequence", "RangeVar")), names);
            case "CreateEnumStmt":
                _isElsewhere = _without.IsTaken(node.Names("typeName")[^1]);
                return Touch("type " + string.Join('.', node.Names("typeName")), node.Names("typeName")[^1]);
            case "CreateDomainStmt":
                _isElsewhere = _without.IsTaken(node.Names("domainname")[^1]);
                return Touch("type " + string.Join('.', node.Names("domainname")), node.Names("domainname")[^1]);
            case "DropStmt":
                return TryTouchDropped(node, names);
            case "AlterTableStmt":
                TouchColumns(node, names);
                return true;
            default:
                return true;
        }
    }

    private bool TouchNew(QualifiedName made, NameResolver names)
    {
        string key = made.ToString();
        // There from the beginning: nothing happens.
        if (names.Relation(made.Schema, made.Name).Relation is { } relation && !CatalogOverlay.IsNew(relation) && !_touched.Contains(key))
            return true;
        _isElsewhere = _without.IsTaken(made.Name);
        return Touch(key, made.Name);
    }

    private bool TryTouchDropped(SqlNode node, NameResolver names)
    {
        if (node.Text("removeType") == "OBJECT_SCHEMA")
            return false;
        if (node.Text("removeType") is not ("OBJECT_TABLE" or "OBJECT_VIEW" or "OBJECT_MATVIEW" or "OBJECT_SEQUENCE" or "OBJECT_FOREIGN_TABLE"))
            return true;
        foreach (SqlNode item in node.List("objects"))
        {
            List<string> name = DefinitionNames.Of(item);
            if (name.Count == 0)
                return false;
            if (names.Relation(name.Count > 1 ? name[^2] : "", name[^1]).Relation is not { } relation)
                continue;
            Touch(relation.Name.ToString(), name[^1]);
            // Made by the text itself: it may be there although neither catalog holds it.
            if (!Without.Relations.ContainsKey(relation.Name) || CatalogOverlay.IsNew(relation))
                unjudged.Add(name[^1]);
        }

        return true;
    }

    private void TouchColumns(SqlNode node, NameResolver names)
    {
        if (names.Relation(node.Plain("relation", "RangeVar")).Relation is not { } relation)
            return;
        bool isNew = !Without.Relations.ContainsKey(relation.Name) || _touched.Contains(relation.Name.ToString());
        // Unless another relation or a function gives a column's name another meaning.
        _isElsewhere = false;
        foreach (SqlNode command in node.List("cmds"))
        {
            string subtype = command.Text("subtype");
            _isElsewhere |= subtype != "AT_AddColumn" || IsColumn(command.Child("def").Text("colname"));
            if (subtype is not ("AT_AddColumn" or "AT_DropColumn" or "AT_AlterColumnType"))
                continue;
            string column = subtype == "AT_AddColumn" ? command.Child("def").Text("colname") : command.Text("name");
            Touch($"{relation.Name} column {column}", column);
            if (isNew && subtype != "AT_AddColumn")
                unjudged.Add(column);
        }
    }

    private bool IsColumn(string name) =>
        !Without.FindFunctions(name).IsEmpty || Without.RelationsByOid.Values.Any(r => r.Columns.Any(c => c.Name == name));

    /// <summary>What is touched twice may be anything in between.</summary>
    private bool Touch(string key, string name)
    {
        if (name.Length == 0)
            return false;
        if (!_touched.Add(key))
            unjudged.Add(name);
        return true;
    }
}
