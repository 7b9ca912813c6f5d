namespace Weir.Policy.Documents;

/// <summary>Where the agent finds a secret. The value itself is never part of a document that leaves the control plane, except a stored one, sealed for the agent.</summary>
/// <param name="Source">Kind of the place.</param>
/// <param name="Reference">Name of the variable, path of the file, path in the vault …; for <see cref="SecretSource.Stored"/> empty, or (only on its way in) the value.</param>
public sealed record SecretReference(SecretSource Source, string Reference)
{
    /// <summary>Never the reference of a stored secret: that may be the secret.</summary>
    public override string ToString() => Source == SecretSource.Stored ? "stored" : $"{Source}:{Reference}";
}
