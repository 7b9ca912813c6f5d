namespace Weir.Policy.Analysis;

/// <summary>PostgreSQL's volatility categories (manual, "Function Volatility Categories"), and Unknown.</summary>
public enum FunctionVolatility
{
    Immutable,
    Stable,
    Volatile,
    Unknown,
}
