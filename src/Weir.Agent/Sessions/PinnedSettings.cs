using System.Text;
using Weir.Policy.Analysis;

namespace Weir.Agent.Sessions;

/// <summary>
/// Clients (JDBC, DBeaver, pgAdmin …) set application_name, which belongs to the agent: it names the principal and the session to the
/// database. Their SET is carried out with the pinned value, so that they get the answer they wait for.
/// </summary>
internal static class PinnedSettings
{
    /// <summary>Null when there is nothing to replace.</summary>
    public static byte[]? Rewrite(ReadOnlySpan<byte> text, ScriptAnalysis script, string pinned)
    {
        MemoryStream? rewritten = null;
        var copied = 0;
        foreach (var statement in script.Statements)
        {
            if (!Concerns(statement))
                continue;
            rewritten ??= new MemoryStream(text.Length + 64);
            rewritten.Write(text[copied..statement.Start]);
            rewritten.Write(Statement(pinned));
            copied = statement.Start + statement.Length;
        }

        if (rewritten is null)
            return null;
        rewritten.Write(text[copied..]);
        return rewritten.ToArray();
    }

    /// <summary>Whether the statement sets what belongs to the agent.</summary>
    public static bool Concerns(StatementAnalysis statement) => statement.Command == "SET" && statement.Settings.Any(s => s.Name == "application_name");

    /// <summary>The statement that is carried out instead.</summary>
    public static byte[] Statement(string pinned) => Encoding.UTF8.GetBytes($"SET application_name = '{pinned.Replace("'", "''", StringComparison.Ordinal)}'");
}
