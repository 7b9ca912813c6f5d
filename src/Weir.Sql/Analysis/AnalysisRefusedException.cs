namespace Weir.Sql.Analysis;

/// <summary>The analysis can't go on within its limits. Never leaves <see cref="StatementAnalyzer"/>, which turns it into <see cref="AnalysisOutcome.Refused"/>.</summary>
internal sealed class AnalysisRefusedException(string reason) : Exception(reason);
