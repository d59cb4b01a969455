package show

// Distrusted is what to do about a server whose certificate is not accepted, by the names that settings have in files. Commands
// put their flags in their place.
const Distrusted = "trust its authority (ca), call the host as the certificate does, or accept any certificate in a test (insecure)"
