using Weir.Sql.Parsing;

namespace Weir.Sql.Analysis.Walking;

/// <summary>What all walks of one call share: the limits, the parser, and what earlier statements of the text have made.</summary>
internal sealed class AnalysisRun(PostgresParser parser, AnalysisContext context, byte[] text)
{
    private const int MaxNodes = 400_000;
    private const int MaxDefinitionDepth = 12;
    private const int MaxDefinitions = 400;

    private int _nodes;
    private int _definitions;
    private readonly HashSet<uint> _recursions = [];

    public PostgresParser Parser => parser;

    public AnalysisContext Context => context;

    /// <summary>The text that locations in the statements' own trees point into.</summary>
    public byte[] Text => text;

    /// <summary>Prepared statements and cursors after the statements of the text so far.</summary>
    public NamedAnalyses Prepared { get; } = new(context.PreparedStatements);

    public NamedAnalyses Cursors { get; } = new(context.Cursors);

    /// <summary>Oids of the views and functions whose definitions are being walked, to stop at recursion.</summary>
    public HashSet<uint> Active { get; } = [];

    /// <exception cref="AnalysisRefusedException">The statement is larger or deeper than can be judged.</exception>
    public void Step()
    {
        if (++_nodes > MaxNodes)
            throw new AnalysisRefusedException("The statement is too large to be judged.");
        if (!System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new AnalysisRefusedException("The statement is nested too deeply to be judged.");
    }

    /// <summary>Whether one more definition may be looked into.</summary>
    public bool TryEnter(uint oid)
    {
        if (Active.Count >= MaxDefinitionDepth || _definitions >= MaxDefinitions || !Active.Add(oid))
        {
            WasCutShort = true;
            return false;
        }

        _definitions++;
        return true;
    }

    /// <summary>A definition was not looked into for the limits: results are safe here, but not to be kept.</summary>
    public bool WasCutShort { get; private set; }

    /// <summary>A call of a function that is being looked into: what is found out inside it lacks what the function itself does.</summary>
    public void Recur(uint oid) => _recursions.Add(oid);

    /// <summary>Whether a result may be kept for other analyses: nothing was left out of it.</summary>
    /// <param name="oid">The definition that it is the result of; 0 for an expression.</param>
    public bool MayKeep(uint oid = 0) => !WasCutShort && (_recursions.Count == 0 || (_recursions.Count == 1 && _recursions.Contains(oid)));

    public void Leave(uint oid)
    {
        Active.Remove(oid);
        _recursions.Remove(oid);
    }
}
