namespace Weir.Policy.Documents;

public enum UnprovableAction
{
    Mask,
    Review,
    Deny,
}
