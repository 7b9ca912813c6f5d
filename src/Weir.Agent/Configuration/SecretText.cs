namespace Weir.Agent.Configuration;

/// <summary>A secret from the configuration. Its text form is redacted, so that printing options never shows it.</summary>
internal sealed class SecretText(string value)
{
    public string Reveal() => value;

    public override string ToString() => "[redacted]";
}
