namespace Weir.Policy.Documents;

public enum GuardrailAction
{
    Allow,
    Deny,
    Review,
}
