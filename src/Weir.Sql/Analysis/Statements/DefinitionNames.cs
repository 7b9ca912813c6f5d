using Weir.Sql.Analysis.Ast;

namespace Weir.Sql.Analysis.Statements;

/// <summary>Names in statements that define objects, in the several forms that the tree has for them.</summary>
internal static class DefinitionNames
{
    /// <summary>Whether an option of that name is among them.</summary>
    public static bool Contains(SqlNodeList options, string name)
    {
        foreach (SqlNode option in options)
        {
            if (option.Text("defname") == name)
                return true;
        }

        return false;
    }

    /// <summary>A name that a DROP lists: a list of strings, a string, a type's name, or a function with arguments.</summary>
    public static List<string> Of(SqlNode item)
    {
        switch (item.Tag)
        {
            case "String":
                return [item.Text("sval")];
            case "TypeName":
                return item.Names("names");
            case "ObjectWithArgs":
                return item.Names("objname");
            default:
                var names = new List<string>();
                foreach (SqlNode part in item.Items())
                {
                    if (part.Is("String"))
                        names.Add(part.Text("sval"));
                }

                return names;
        }
    }
}
