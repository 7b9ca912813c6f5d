using Weir.Agent.Tests.Sessions.Support;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>What fuzzed sessions stand on.</summary>
/// <param name="Host">Policy, catalog of a real database, parser.</param>
/// <param name="Table">Oid of the table with the masked column.</param>
/// <param name="Column">Its number.</param>
/// <param name="CredentialId">Whose key is that of the client.</param>
internal sealed record FuzzFacts(SessionHost Host, uint Table, short Column, string CredentialId, byte[] KeyHash);
