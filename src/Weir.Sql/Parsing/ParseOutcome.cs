namespace Weir.Sql.Parsing;

/// <summary>
/// What became of a text: <see cref="ParsedScript"/>, <see cref="ParsedPlpgsql"/>, <see cref="SyntaxFault"/> or
/// <see cref="ParseRefused"/>; there is no other. Dispose it: a tree holds rented memory.
/// </summary>
public abstract record ParseOutcome : IDisposable
{
    private protected ParseOutcome()
    {
    }

    /// <summary>Gives rented memory back. Elements taken from the outcome are invalid afterwards.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
