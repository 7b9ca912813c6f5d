using Weir.Agent.Sessions.Judging;
using Weir.Policy.Analysis;

namespace Weir.Agent.Sessions.Statements;

/// <summary>A statement that a session has prepared, by Parse or by PREPARE.</summary>
internal sealed class PreparedStatement(byte[] text)
{
    /// <summary>UTF-8, as it was judged.</summary>
    public byte[] Text { get; } = text;

    /// <summary>Estimate of the bytes that it takes up, with its judgement and description.</summary>
    public int Cost => 4096 + (4 * Text.Length);

    /// <summary>Type oids that the Parse named; 0 where it left them to the server.</summary>
    public uint[] ParameterTypes { get; set; } = [];

    /// <summary>Type oids as the Parse named them, 0 for those that it left to the server.</summary>
    public uint[] DeclaredTypes { get; init; } = [];

    /// <summary>The Parse named types; otherwise all are the server's choice.</summary>
    public bool HasDeclaredTypes => DeclaredTypes.Length > 0;

    /// <summary>What was last judged of it, under <see cref="JudgedIn"/>.</summary>
    public Judgement? Judgement { get; set; }

    /// <summary>The generation of the session's surroundings in which <see cref="Judgement"/> and <see cref="Description"/> were made.</summary>
    public int JudgedIn { get; set; } = -1;

    /// <summary>Its own analysis is under way: it must not ask for itself.</summary>
    public bool IsBeingJudged { get; set; }

    /// <summary>Body of the RowDescription of the last Describe; null when there was none; empty when it returns no rows.</summary>
    public byte[]? Description { get; set; }

    public int DescribedIn { get; set; } = -1;

    /// <summary>The analysis when it was made, for a PREPARE whose text can't be cut out.</summary>
    public StatementAnalysis? Analysis { get; set; }
}
