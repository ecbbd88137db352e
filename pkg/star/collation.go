package star

import "github.com/nightstar-elt/nightstar/pkg/model"

const (
	collationProbe = "collation_probe"
	proveCollation = "prove_collation"
)

// collation is the procedure that refuses a database which ignores case when it
// compares text. Columns have the collation of the database, literals need not, so
// a table is asked: https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
func (g generator) collation() procedure {
	probe := g.table(model.ETL, collationProbe)
	return procedure{
		schema: model.ETL, name: proveCollation,
		about: []string{
			"Raises an exception in a database that ignores case when it compares text: keys differ by case, and two members would become one.",
		},
		declare: "declare\n    equal_pairs bigint;\n",
		body: "delete from " + probe + ";\n\n" +
			"insert into " + probe + " (value) values\n('a'),\n('A');\n\n" +
			"select into equal_pairs count(*)\nfrom " + probe + " as one\ninner join " + probe + " as other\n    on one.value = other.value;\n" +
			"if equal_pairs <> 2 then\n" +
			"    raise exception 'this database takes the letters a and A for equal, but keys differ by case: use a database that was created with collate case_sensitive';\n" +
			"end if;\n",
	}
}
