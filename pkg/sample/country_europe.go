package sample

func germany() country {
	return country{
		name: "Germany", weight: 17, domain: "postfach.example", layout: "S N", trend: [3]int{6, -11, 14},
		given: names(`Anna Jürgen=juergen Lena Lukas Marie Jonas Sophie Felix Käthe=kaethe Paul Emilia Björn=bjoern
			Clara Maximilian Greta Matthias`),
		family: names(`Müller=mueller Schmidt Schneider Fischer Weber Wagner Becker Hoffmann Schäfer=schaefer
			Köhler=koehler Krüger=krueger Vogel Großmann=grossmann Brandt Lorenz Winkler`),
		places: []place{
			{"Berlin", "10###"}, {"Hamburg", "20###"}, {"München", "80###"}, {"Köln", "50###"}, {"Leipzig", "04###"},
			{"Stuttgart", "70###"}, {"Düsseldorf", "40###"}, {"Nürnberg", "90###"}, {"Freiburg im Breisgau", "79###"},
		},
		streets: []string{
			"Hauptstraße", "Bahnhofstraße", "Lindenallee", "Am Mühlbach", "Goethestraße", "Kastanienweg",
			"Friedrich-Ebert-Straße", "Schillerplatz", "Rosengasse",
		},
		second: []string{"Hinterhaus, #. OG", "#. Stock links", "Aufgang @", "c/o Hausverwaltung Sonnenhof"},
	}
}

func unitedKingdom() country {
	return country{
		name: "United Kingdom", weight: 14, domain: "letterbox.example", layout: "N S", trend: [3]int{-8, -5, 9},
		given: names(`Oliver Amelia George Isla Harry Ava Noah Freya Arthur Priya Callum Siobhán=siobhan
			Mohammed Eleanor Rhys Imogen`),
		family: names(`Smith Jones Taylor Williams Brown Davies Evans Patel Walker Wright Robinson
			O'Neill=oneill Hughes Ashworth Campbell Begum`),
		places: []place{
			{"London", "SW# #@@"}, {"London", "E## #@@"}, {"Manchester", "M# #@@"}, {"Birmingham", "B## #@@"},
			{"Leeds", "LS# #@@"}, {"Glasgow", "G# #@@"}, {"Edinburgh", "EH# #@@"}, {"Cardiff", "CF## #@@"},
			{"Belfast", "BT# #@@"},
		},
		streets: []string{
			"High Street", "Station Road", "Church Lane", "Victoria Terrace", "Mill Lane", "The Crescent",
			"Alexandra Gardens", "Orchard Close", "King's Parade",
		},
		second: []string{"Flat #", "Flat #@", "Ground Floor", "Unit #, Old Brewery Yard", "Top Floor Left"},
	}
}

func france() country {
	return country{
		name: "France", weight: 11, domain: "courrier.example", layout: "N S", trend: [3]int{8, 2, -11},
		given: names(`Camille Léa=lea Hugo Chloé=chloe Louis Manon Théo=theo Inès=ines Gabriel Zoé=zoe Jules
			François=francois Margaux Étienne=etienne Nathan Aurélie=aurelie`),
		family: names(`Martin Bernard Dubois Durand Lefèvre=lefevre Moreau Laurent Simon Girard Mercier
			Benoît=benoit Chevalier Rousseau Fontaine Garnier Le_Goff=legoff`),
		places: []place{
			{"Paris", "7501#"}, {"Lyon", "6900#"}, {"Marseille", "1300#"}, {"Toulouse", "31#00"}, {"Nantes", "44#00"},
			{"Strasbourg", "67#00"}, {"Bordeaux", "33#00"}, {"Saint-Étienne", "42#00"}, {"Lille", "59#00"},
		},
		streets: []string{
			"rue de la République", "avenue Victor Hugo", "rue des Lilas", "boulevard Voltaire", "place du Marché",
			"rue Saint-Honoré", "chemin des Vignes", "allée des Châtaigniers",
		},
		second: []string{"Bâtiment @", "Appartement ##", "Escalier @, #e étage", "Résidence Les Tilleuls"},
	}
}

func spain() country {
	return country{
		name: "Spain", weight: 7, domain: "buzon.example", layout: "S, N", trend: [3]int{18, 12, 4},
		given: names(`Lucía=lucia Hugo Martina Mateo Sofía=sofia Pablo María=maria Daniel Paula Álvaro=alvaro
			Carmen Íñigo=inigo Valeria Joaquín=joaquin Nuria Andrés=andres`),
		family: names(`García=garcia Rodríguez=rodriguez González=gonzalez Fernández=fernandez López=lopez Martín=martin
			Sánchez=sanchez Pérez=perez Gómez=gomez Ruiz Muñoz=munoz Ortega Ibáñez=ibanez Navarro
			Castaño=castano Vidal`),
		places: []place{
			{"Madrid", "280##"}, {"Barcelona", "080##"}, {"Valencia", "460##"}, {"Sevilla", "410##"},
			{"Zaragoza", "500##"}, {"Málaga", "290##"}, {"Bilbao", "480##"}, {"A Coruña", "150##"},
		},
		streets: []string{
			"Calle Mayor", "Avenida de la Constitución", "Calle del Olivo", "Paseo de la Ribera", "Plaza de España",
			"Calle San Agustín", "Ronda del Molino", "Travesía de la Peña",
		},
		second: []string{"#º @", "Escalera @, #º izquierda", "Bajo derecha", "Portal #"},
	}
}

func netherlands() country {
	return country{
		name: "Netherlands", weight: 6, domain: "brievenbus.example", layout: "S N", trend: [3]int{9, 4, 16},
		given: names(`Daan Emma Sem Julia Lucas Zoë=zoe Finn Sanne Bram Lotte Thijs Fleur Joost Renée=renee
			Willem Maaike`),
		family: names(`de_Jong=dejong Jansen de_Vries=devries van_den_Berg=vandenberg Bakker Visser Smit Meijer Mulder
			Bos Peters Hendriks van_Dijk=vandijk Dekker Kuipers Oosterhuis`),
		places: []place{
			{"Amsterdam", "10## @@"}, {"Rotterdam", "30## @@"}, {"Den Haag", "25## @@"}, {"Utrecht", "35## @@"},
			{"Eindhoven", "56## @@"}, {"Groningen", "97## @@"}, {"'s-Hertogenbosch", "52## @@"},
			{"Nijmegen", "65## @@"},
		},
		streets: []string{
			"Keizersgracht", "Dorpsstraat", "Stationsweg", "Molenlaan", "Prins Hendrikkade", "Wilhelminastraat",
			"Oude Singel", "Lange Nieuwstraat",
		},
		second: []string{"#-hoog", "Bovenwoning", "Huis @", "#e verdieping achter"},
	}
}

func sweden() country {
	return country{
		name: "Sweden", weight: 5, domain: "brevlada.example", layout: "S N", trend: [3]int{-16, -3, 1},
		given: names(`Alice Lucas Maja Liam Elsa William Åsa=asa Oscar Astrid Björn=bjorn Ebba Göran=goran Linnea
			Nils Wilma Håkan=hakan`),
		family: names(`Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Gustafsson
			Lindström=lindstrom Bergström=bergstrom Sjöberg=sjoberg Ångström=angstrom Hedlund Nyström=nystrom
			Åkerman=akerman`),
		places: []place{
			{"Stockholm", "11# ##"}, {"Göteborg", "41# ##"}, {"Malmö", "21# ##"}, {"Uppsala", "75# ##"},
			{"Linköping", "58# ##"}, {"Örebro", "70# ##"}, {"Umeå", "90# ##"}, {"Växjö", "35# ##"},
		},
		streets: []string{
			"Storgatan", "Drottninggatan", "Kyrkogatan", "Björkvägen", "Skolgatan", "Ringvägen", "Ängsvägen",
			"Norra Hamngatan",
		},
		second: []string{"Lgh 1#0#", "Uppgång @, # tr", "c/o Lindgren", "# tr ög"},
	}
}
