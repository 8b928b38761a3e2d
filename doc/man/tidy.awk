# scdoc writes a paragraph macro after every heading and before every indent;
# mandoc rightly finds them empty.  Keep those that begin a paragraph.
$0 == ".P" { held = 1; next }
/^\.RE/ { print; next }
{
	if (held && !heading && $0 !~ /^\.(RS|S[HS]|P|TP)/) print ".P"
	held = 0
	heading = $0 ~ /^\.(S[HS]|TH)/
	print
}
