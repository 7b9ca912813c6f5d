namespace Weir.Policy.Documents;

public enum PackOverride
{
    Allow,
    Deny,
    Review,
    Shadow,
    Off,
}
